# SPDX-License-Identifier: EUPL-1.2
"""Reading the photograph or the scan of a signed sheet: which session it belongs to, and who may open it."""

import threading
import warnings
from io import BytesIO
from typing import IO, Any

import pypdfium2
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
# Pages are drawn again at other sizes until something is read: the raster of a scan disturbs now this one, now that.
_SIDES_OF_PAGES = (1600, _LONGEST_SIDE, 1300)
# A sheet has one page, two with its back; scanners add an empty one.
MOST_PAGES = 4
# PDFium draws for one thread at a time; the web server has several.
_PDFIUM = threading.Lock()


class TooManyPagesError(ValueError):
    """A PDF is no scan of one sheet; `pages` says how many it has."""

    def __init__(self, pages: int) -> None:
        self.pages = pages
        super().__init__(f"{pages} pages")


def clean_code(text: str) -> str:
    """Return a typed or read code without its prefix, spaces and hyphens; empty when it cannot be one."""
    code = "".join(character for character in text.upper().removeprefix(QR_PREFIX) if character.isalnum())
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def codes_in(content: bytes | IO[bytes]) -> list[str]:
    """Return the codes of our sheets that a picture or the pages of a PDF show, each once.

    None for what cannot be read, or is too big. Raises `TooManyPagesError` for a PDF of more than `MOST_PAGES`.
    """
    file = BytesIO(content) if isinstance(content, bytes) else content
    is_pdf = b"%PDF-" in file.read(1024)
    file.seek(0)
    found = _codes_in_pdf(file) if is_pdf else _codes_in_picture(file)
    return list(dict.fromkeys(code for code in found if code))


def _codes_in_picture(file: IO[bytes]) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file)
            if picture.width * picture.height > MOST_PIXELS:
                return []
            picture.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return []
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return _codes_on(grey)


def _codes_in_pdf(file: IO[bytes]) -> list[str]:
    """Draw each page, about as large as a photograph whatever the PDF says of its size, and read what is drawn."""
    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(file.read())
        except pypdfium2.PdfiumError:
            return []
        try:
            if len(pdf) > MOST_PAGES:
                raise TooManyPagesError(len(pdf))
            pages = [page for page in pdf if _can_be_drawn(page)]
            for longest in _SIDES_OF_PAGES:
                found = [code for page in pages for code in _codes_on(_drawn(page, longest))]
                if found:
                    return found
            return []
        except pypdfium2.PdfiumError:
            return []
        finally:
            pdf.close()


def _can_be_drawn(page: Any) -> bool:
    pictures = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
    sizes = [picture.get_px_size() for picture in pictures]
    return max(page.get_size()) > 0 and sum(width * height for width, height in sizes) <= MOST_PIXELS


def _drawn(page: Any, longest: int) -> Image.Image:
    picture: Image.Image = page.render(scale=longest / max(page.get_size()), grayscale=True).to_pil()
    return picture


def _codes_on(grey: Image.Image) -> list[str]:
    return [
        clean_code(barcode.text)
        for barcode in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        if barcode.text.startswith(QR_PREFIX)
    ]


def may_open_sheet(user: Any, document: Document) -> bool:
    """Whether the person may open the photograph or the scan: whoever reads the case."""
    session = MediationSession.objects.filter(pk=document.subject_id).select_related("request").first()
    return session is not None and can_view_case(user, session.request)


def sheets_of(session: MediationSession) -> list[PaperSheet]:
    """Return the sheets printed for a session, the latest first."""
    return list(
        PaperSheet.objects.filter(session=session.pk).select_related("photograph").order_by("-printed_at", "-pk")
    )
