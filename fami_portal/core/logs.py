# SPDX-License-Identifier: EUPL-1.2
"""The request id on every log line. Logs carry ids only, never names and never secret addresses."""

import logging
import re
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("portal_request_id", default="-")

# Whoever has the address of an invitation or of a link can act with it: 32 random bytes as one part of a path, also of
# one that stands quoted in another. The address for a new password has a shape of its own.
_SECRET = re.compile(
    r"(?:(?<=/)|(?<=%2[Ff]))[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])|(?<=/password/reset/key/)[0-9A-Za-z]+-[^/\s?]+"
)


def without_secrets(text: str) -> str:
    """Return the text with the secret parts of its addresses replaced."""
    return _SECRET.sub("***", text)


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record (`-` outside a request), and takes secret addresses out of its words."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        words = record.getMessage()
        if _SECRET.search(words):
            record.msg, record.args = without_secrets(words), ()
        return True
