# SPDX-License-Identifier: EUPL-1.2
"""The boundaries of the municipalities, as paths of a drawing (docs/adr, 23)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / "data" / "municipal_boundaries.txt"
_PIECE = re.compile(r"M(-?\d+) (-?\d+)l([^z]*)z")
_NUMBER = re.compile(r"-?\d+")

Box = tuple[int, int, int, int]


@lru_cache(maxsize=1)
def _paths() -> dict[str, str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line and line[0] != "#")


def paths_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the path of each municipality, by ISTAT code; one founded or renumbered since has none."""
    known = _paths()
    return {code: known[code] for code in codes if code in known}


def neighbours_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the paths of all municipalities of the provinces of some: the first three digits are the province."""
    provinces = {code[:3] for code in codes}
    return {code: path for code, path in _paths().items() if code[:3] in provinces}


def box_of(path: str) -> Box:
    """Return left, top, right and bottom of a path."""
    across, down = [], []
    for piece in _PIECE.finditer(path):
        x, y = int(piece[1]), int(piece[2])
        across.append(x)
        down.append(y)
        steps = [int(number) for number in _NUMBER.findall(piece[3])]
        for step_x, step_y in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + step_x, y + step_y
            across.append(x)
            down.append(y)
    return min(across), min(down), max(across), max(down)


def box_around(paths: Iterable[str]) -> Box:
    """Return the box that holds some paths; there must be one."""
    boxes = [box_of(path) for path in paths]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
