# SPDX-License-Identifier: EUPL-1.2
"""Reading the photograph of a signed sheet: which session it belongs to, and who may open it."""

import warnings
from io import BytesIO
from typing import IO, Any

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from fami_portal.core.models import Document
from mediation.models import MediationSession, PaperSheet
from mediation.permissions import can_view_case

SIGNED_SHEET = "mediation_signed_sheet"
QR_PREFIX = "FAMI:"
# Without the letters and digits that look alike in handwriting.
ALPHABET = "23456789ACDEFHJKMNPQRTUVWXY"
CODE_LENGTH = 8
# Photographs of telephones have some twelve million points; more is a trap or a mistake.
MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 2600


def clean_code(text: str) -> str:
    """Return a typed or read code without its prefix, spaces and hyphens; empty when it cannot be one."""
    code = "".join(character for character in text.upper().removeprefix(QR_PREFIX) if character.isalnum())
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def codes_in(content: bytes | IO[bytes]) -> list[str]:
    """Return the codes of our sheets that a picture shows, each once; none for what is no picture or too big."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content) if isinstance(content, bytes) else content)
            if picture.width * picture.height > MOST_PIXELS:
                return []
            picture.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return []
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    found = [
        clean_code(barcode.text)
        for barcode in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        if barcode.text.startswith(QR_PREFIX)
    ]
    return list(dict.fromkeys(code for code in found if code))


def may_open_sheet(user: Any, document: Document) -> bool:
    """Whether the person may open the photograph: whoever reads the case."""
    session = MediationSession.objects.filter(pk=document.subject_id).select_related("request").first()
    return session is not None and can_view_case(user, session.request)


def sheets_of(session: MediationSession) -> list[PaperSheet]:
    """Return the sheets printed for a session, the latest first."""
    return list(
        PaperSheet.objects.filter(session=session.pk).select_related("photograph").order_by("-printed_at", "-pk")
    )
