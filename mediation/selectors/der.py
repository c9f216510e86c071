# SPDX-License-Identifier: EUPL-1.2
"""Just enough of a reader of ASN.1 (DER, and the BER that signing programs write) to take a signed file apart.

Nothing is trusted: lengths are checked against what is there, depth and number of nodes are limited.
"""

from collections.abc import Iterator

MAX_DEPTH = 30
MAX_NODES = 20_000
_END = b"\x00\x00"


class DerError(ValueError):
    """The bytes are not what they claim to be."""


class Node:
    """One element: its tag, its content, the bytes it was read from, and its children when it has any."""

    __slots__ = ("children", "content", "raw", "tag")

    def __init__(self, tag: int, content: bytes, raw: bytes, children: "list[Node]") -> None:
        self.tag, self.content, self.raw, self.children = tag, content, raw, children

    def __iter__(self) -> "Iterator[Node]":
        return iter(self.children)

    def __len__(self) -> int:
        return len(self.children)

    def __getitem__(self, place: int) -> "Node":
        if place >= len(self.children):
            raise DerError("an element is missing")
        return self.children[place]

    @property
    def integer(self) -> int:
        """The value of an INTEGER."""
        if self.tag != 0x02:
            raise DerError("not a number")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def octets(self) -> bytes:
        """The value of an OCTET STRING, put together when it was written in pieces."""
        if self.tag == 0x04:
            return self.content
        if self.tag == 0x24:
            return b"".join(child.octets for child in self.children)
        raise DerError("not bytes")

    @property
    def oid(self) -> str:
        """The value of an OBJECT IDENTIFIER, in dotted form."""
        if self.tag != 0x06 or not self.content:
            raise DerError("not an identifier")
        arcs, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(value)
                value = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(str(arc) for arc in [first, arcs[0] - 40 * first, *arcs[1:]])


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = MAX_NODES

    def read(self, start: int, end: int, depth: int) -> tuple[Node, int]:
        """Return the element that begins at `start`, and where the next one begins."""
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            raise DerError("too deep")
        if start + 2 > end:
            raise DerError("cut short")
        tag, length = self.data[start], self.data[start + 1]
        if tag & 0x1F == 0x1F:
            raise DerError("a tag of many bytes")
        begin = start + 2
        if length == 0x80:
            return self._indefinite(tag, start, begin, end, depth)
        if length & 0x80:
            size = length & 0x7F
            if size > 4 or begin + size > end:
                raise DerError("a length that cannot be")
            length = int.from_bytes(self.data[begin : begin + size], "big")
            begin += size
        stop = begin + length
        if stop > end:
            raise DerError("cut short")
        children = self._children(begin, stop, depth) if tag & 0x20 else []
        return Node(tag, self.data[begin:stop], self.data[start:stop], children), stop

    def _children(self, start: int, stop: int, depth: int) -> list[Node]:
        found = []
        while start < stop:
            node, start = self.read(start, stop, depth + 1)
            found.append(node)
        return found

    def _indefinite(self, tag: int, start: int, begin: int, end: int, depth: int) -> tuple[Node, int]:
        if not tag & 0x20:
            raise DerError("a length that cannot be")
        children, place = [], begin
        while self.data[place : place + 2] != _END:
            node, place = self.read(place, end, depth + 1)
            children.append(node)
        if place + 2 > end:
            raise DerError("cut short")
        return Node(tag, self.data[begin:place], self.data[start : place + 2], children), place + 2


def read(data: bytes) -> Node:
    """Return the one element that the bytes hold; raises `DerError`. Zeros after it are let through (PDF pads)."""
    node, stop = _Reader(data).read(0, len(data), 0)
    if data[stop:].strip(b"\x00"):
        raise DerError("something follows")
    return node
