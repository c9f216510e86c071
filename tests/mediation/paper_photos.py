# SPDX-License-Identifier: EUPL-1.2
"""Photographs of signed sheets, as telephones take them."""

from io import BytesIO

import segno
from PIL import Image


def photo_of_sheet(code: str, *, angle: float = 4, prefix: str = "FAMI:", kind: str = "jpeg") -> bytes:
    """Return the picture of a sheet with its QR code, photographed askew on a grey table."""
    drawn = BytesIO()
    segno.make(prefix + code, error="q").save(drawn, kind="png", scale=5)
    drawn.seek(0)
    sheet = Image.new("L", (900, 1200), 255)
    sheet.paste(Image.open(drawn).convert("L"), (620, 60))
    picture = sheet.rotate(angle, expand=True, fillcolor=120).convert("RGB")
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()
