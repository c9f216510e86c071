# SPDX-License-Identifier: EUPL-1.2
"""The request id on every log line. Logs carry ids only, never names."""

import logging
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("portal_request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record; `-` outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True
