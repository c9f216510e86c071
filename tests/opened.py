# SPDX-License-Identifier: EUPL-1.2
"""Opening a file that carries names, as a person does: by a reason."""

from typing import Any

from django.test import Client

from fami_portal.core.models import Document


def open_file(client: Client, document: Document, **reason: Any) -> bytes:
    """Return what is downloaded; the page that asks why is answered with the usual reason."""
    assert client.get(document.get_absolute_url()).status_code == 200
    answer: Any = client.post(document.get_absolute_url(), {"purpose": "case"} | reason)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)
