# SPDX-License-Identifier: EUPL-1.2
"""Invented papers of the demonstration: one page with a few lines, as PDF."""

from collections.abc import Iterable

TITLE, TEXT, STEP, TOP = 16, 11, 22, 760


def paper(title: str, lines: Iterable[str] = ()) -> bytes:
    """Return a page of A4 with a title and some lines; Western European letters alone."""
    said = [f"/F {TITLE} Tf 72 {TOP} Td ({_escaped(title)}) Tj /F {TEXT} Tf"]
    said += [f"0 -{STEP} Td ({_escaped(line)}) Tj" for line in lines]
    text = f"BT {' '.join(said)} ET".encode("cp1252")
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(text), text),
        font,
    ]
    content, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return content + end % (len(parts) + 1, table, len(parts) + 1, len(content))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
