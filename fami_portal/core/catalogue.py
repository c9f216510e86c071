# SPDX-License-Identifier: EUPL-1.2
"""Message catalogues by Babel alone, so no gettext program is needed (the command is `manage.py catalogue`).

Python and Django templates are read, messages are sorted and carry no line numbers: two people who add messages
meet no conflict. Every write happens under a lock on the catalogue's folder.
"""

import contextlib
import fcntl
import io
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template import TemplateSyntaxError
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = "it"
PO = ROOT / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
SOURCES = (
    "fami_portal",
    "accounts",
    "partners",
    "actions",
    "beneficiaries",
    "mediation",
    "privacy",
    "reporting",
    "templates",
)
HEADER = (
    '# SPDX-License-Identifier: EUPL-1.2\nmsgid ""\nmsgstr ""\n"Language: it\\n"\n'
    '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-z]|%[-+ #0-9.]*[sdifgr](?![a-z])|\{[a-z_][\w.]*(?:![rs])?\}")

# Context and msgid; the msgid of a plural message is its singular.
Key = tuple[str | None, str]


class CatalogueError(Exception):
    """A source file, a JSON file or the catalogue itself cannot be used; the message says which and why."""


def key_of(message: Message) -> Key:
    """Return by what a message is known in this module."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def json_key(key: Key) -> str:
    """Return the key as JSON files spell it: the msgid, after its context and U+0004 if it has one."""
    return key[1] if key[0] is None else f"{key[0]}\x04{key[1]}"


def sources() -> list[Path]:
    """List the files whose messages belong to the catalogue."""
    found: list[Path] = []
    for name in SOURCES:
        for path in (ROOT / name).rglob("*"):
            relative = path.relative_to(ROOT)
            is_template = "templates" in relative.parts and path.suffix in (".html", ".txt")
            if is_template or (path.suffix == ".py" and "migrations" not in relative.parts):
                found.append(path)
    return sorted(found)


def _messages_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        try:
            # Inside brackets the indentation of what is, after all, not Python has no meaning.
            source = f"({templatize(source, origin=str(path))}\n)"
        except (SyntaxError, TemplateSyntaxError) as error:
            raise CatalogueError(f"{path.relative_to(ROOT)}: {error}") from None
    try:
        found = list(
            babel_extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
        )
    except Exception as error:
        raise CatalogueError(f"{path.relative_to(ROOT)}: {error}") from None
    for _line, message, _comments, context in found:
        yield message, context


def extract() -> tuple[Catalog, dict[Key, set[str]]]:
    """Return the messages of the sources and, by key, the files in which each occurs.

    Raises `CatalogueError` for a template that cannot be parsed, or one msgid with two plurals.
    """
    catalog, where = _empty(), defaultdict(set)
    plurals: dict[Key, str | tuple[str, ...]] = {}
    for path in sources():
        for message, context in _messages_of(path):
            key = (context, message if isinstance(message, str) else message[0])
            # A message used both alone and with a plural is one entry, with the plural.
            if not isinstance(message, str) or key not in plurals:
                known = plurals.get(key)
                if isinstance(known, tuple) and isinstance(message, tuple) and known != message:
                    raise CatalogueError(f"{path.relative_to(ROOT)}: {key[1]!r} has two different plurals")
                plurals[key] = message
            where[key].add(str(path.relative_to(ROOT)))
    for (context, _singular), message in plurals.items():
        catalog.add(message, context=context)
    return catalog, dict(where)


def _empty() -> Catalog:
    return Catalog(locale=LOCALE, charset="utf-8", fuzzy=False)


def read() -> Catalog:
    """Return the catalogue on disk, empty when there is none."""
    if not PO.exists():
        return _empty()
    try:
        with PO.open("rb") as file:
            return read_po(file, locale=LOCALE, charset="utf-8", abort_invalid=True)
    except Exception as error:
        raise CatalogueError(f"{PO.relative_to(ROOT)}: {error}") from None


def render(catalog: Catalog) -> str:
    """Return the text of a catalogue: sorted, without line numbers or dates."""
    out = io.BytesIO()
    write_po(out, catalog, width=118, no_location=True, omit_header=True, sort_output=True)
    return HEADER + out.getvalue().decode().strip("\n") + "\n"


def merge(fresh: Catalog, old: Catalog, *, prune: bool) -> Catalog:
    """Return the fresh messages with the old translations.

    A translation whose message is gone is kept aside as obsolete, in case it comes back, unless `prune`.
    """
    known = {key_of(message): message for message in old if message.id}
    aside = {key_of(message): message for message in old.obsolete.values()}
    merged = _empty()
    for message in fresh:
        if not message.id:
            continue
        before = known.pop(key_of(message), None) or aside.pop(key_of(message), None)
        string = before.string if before else ""
        plural = isinstance(message.id, tuple | list)
        if plural and isinstance(string, str):
            string = (string, "")
        elif not plural and not isinstance(string, str):
            string = string[0]
        flags = {"fuzzy"} if before and before.fuzzy else set()
        merged.add(message.id, string, context=message.context, flags=flags)
    if not prune:
        for message in (*known.values(), *aside.values()):
            if _translated(message):
                merged.obsolete[json_key(key_of(message))] = message
    return merged


def _translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the catalogue against other processes that write it."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(PO.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def update(translations: dict[str, str | list[str]] | None = None, *, prune: bool = False) -> tuple[Catalog, list[str]]:
    """Bring the catalogue up to date with the sources, fill translations in, and write it.

    `translations` maps the JSON key of a message to its text, or to the list of its plural forms. Returns the
    catalogue and the complaints: unknown messages and texts with wrong placeholders, which are not filled in.
    """
    complaints: list[str] = []
    with locked():
        fresh, _where = extract()
        merged = merge(fresh, read(), prune=prune)
        by_key = {json_key(key_of(message)): message for message in merged if message.id}
        for key, text in (translations or {}).items():
            message = by_key.get(key)
            if message is None:
                complaints.append(f"{key!r}: no such message in the sources")
                continue
            plural = isinstance(message.id, tuple | list)
            if plural != isinstance(text, list) or (isinstance(text, list) and len(text) != merged.num_plurals):
                complaints.append(f"{key!r}: expected {'a list of two texts' if plural else 'one text'}")
                continue
            candidate = Message(message.id, tuple(text) if isinstance(text, list) else text, context=message.context)
            wrong = placeholder_errors(candidate)
            if wrong:
                complaints.append(wrong)
                continue
            message.string = candidate.string
            message.flags.discard("fuzzy")
        text = render(merged)
        if not PO.exists() or PO.read_text(encoding="utf-8") != text:
            _write(PO, text.encode())
    return merged, complaints


def missing(under: str = "") -> dict[str, str | list[str]]:
    """Return the messages without a translation, of all sources or of the files under a path, ready to be filled."""
    fresh, where = extract()
    merged = merge(fresh, read(), prune=True)
    empty: dict[str, str | list[str]] = {}
    for message in merged:
        if not message.id or (_translated(message) and not message.fuzzy):
            continue
        if any(name == under or name.startswith(under) for name in where[key_of(message)]):
            empty[json_key(key_of(message))] = "" if isinstance(message.id, str) else ["", ""]
    return dict(sorted(empty.items()))


def placeholder_errors(message: Message) -> str:
    """Return what is wrong with the placeholders of a translation, empty when nothing is.

    The singular of a plural message may leave its number out ("One pupil"), never add one.
    """
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string)
    for index, text in enumerate(texts):
        if not text:
            continue
        wanted = Counter(PLACEHOLDER.findall(ids[min(index, len(ids) - 1)]))
        found = Counter(PLACEHOLDER.findall(text))
        is_singular = len(ids) > 1 and index == 0
        allowed = wanted | Counter(PLACEHOLDER.findall(ids[-1])) if is_singular else wanted
        if (set(found) - set(allowed)) if is_singular else (set(found) != set(wanted)):
            return f"{ids[0]!r}: placeholders {sorted(found)} where {sorted(wanted)} are expected"
        if sum(found[name] for name in found if name.startswith("%") and "(" not in name) > sum(
            wanted[name] for name in wanted if name.startswith("%") and "(" not in name
        ):
            return f"{ids[0]!r}: more unnamed placeholders than in the message"
    return ""


def problems() -> list[str]:
    """Return, one line each, everything that keeps the catalogue from being complete and true to the sources."""
    fresh, where = extract()
    on_disk = read()
    merged = merge(fresh, on_disk, prune=False)
    found: list[str] = []
    for message in merged:
        if not message.id:
            continue
        place = min(where[key_of(message)])
        if not _translated(message):
            found.append(f"{place}: not translated: {key_of(message)[1]!r}")
        elif message.fuzzy:
            found.append(f"{place}: translation marked fuzzy: {key_of(message)[1]!r}")
        elif wrong := placeholder_errors(message):
            found.append(f"{place}: {wrong}")
    found += [
        f"obsolete, run `manage.py catalogue extract --prune`: {key_of(m)[1]!r}" for m in merged.obsolete.values()
    ]
    if not found and (not PO.exists() or PO.read_text(encoding="utf-8") != render(merged)):
        found.append(f"{PO.relative_to(ROOT)} is not as `manage.py catalogue extract` writes it")
    return found


def compile_stale() -> list[Path]:
    """Write the .mo file of every catalogue that changed since the last time, and return those written."""
    written = []
    for po in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        with locked(), po.open("rb") as file:
            out = io.BytesIO()
            write_mo(out, read_po(file, locale=LOCALE, charset="utf-8"))
            _write(mo, out.getvalue())
        written.append(mo)
    return written
