# SPDX-License-Identifier: EUPL-1.2
"""YAML read with the line of every value, so that each problem points to its place in the file."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError

# Keys and list positions that lead to a value from the top of the file.
Place = tuple[str | int, ...]

SIZE_LIMIT = 1024 * 1024


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a definition file: where, and a sentence that says what to do."""

    line: int
    path: str
    sentence: str


class DefinitionError(DomainError):
    """The file cannot be loaded; `problems` holds all that is wrong with it, in the order of the lines."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        lines = (
            f"{name}:{problem.line}: {problem.path}: {problem.sentence}"
            if problem.path
            else f"{name}:{problem.line}: {problem.sentence}"
            for problem in self.problems
        )
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Source:
    """A definition file as it was read: its values, where each stands, and the fingerprint of its bytes."""

    name: str
    data: Any
    lines: Mapping[Place, int]
    sha256: str

    @property
    def is_plan(self) -> bool:
        return isinstance(self.data, dict) and "plan" in self.data

    def problem(self, place: Place, sentence: object) -> Problem:
        """Return a problem at a place; a place that is not in the file stands where its nearest parent does."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.lines.get(known, 1), self.path(place), str(sentence))

    def path(self, place: Place) -> str:
        """Write a place as people read it: `indicators[INFORMATI].rule.channels[1]`, by code where there is one."""
        written, value = "", self.data
        for step in place:
            child = _child(value, step)
            if isinstance(step, int):
                name = child.get("code") or child.get("name") or child.get("kind") if isinstance(child, dict) else None
                written += f"[{name or step + 1}]"
            else:
                written += f".{step}" if written else step
            value = child
        return written


def _child(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


class _Loader(yaml.SafeLoader):
    """Safe values only, and no aliases: a file of a few lines must not unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem=_("Aliases (*name) are not accepted: write the value out."),
                problem_mark=self.peek_event().start_mark,
            )
        return super().compose_node(parent, index)


@dataclass
class _Reader:
    """Turns YAML nodes into values and notes the line of each."""

    loader: _Loader
    lines: dict[Place, int] = field(default_factory=dict)
    repeated: list[tuple[Place, int]] = field(default_factory=list)

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            found: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = self.loader.construct_object(key_node, deep=True)
                inner = (*place, str(key))
                if key in found:
                    self.repeated.append((inner, key_node.start_mark.line + 1))
                    continue
                self.lines[inner] = key_node.start_mark.line + 1
                found[key] = self.value(value_node, inner)
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, position)) for position, item in enumerate(node.value)]
        return self.loader.construct_object(node, deep=True)


def read_file(path: Path) -> Source:
    """Read a definition file. Raises `DefinitionError` when it cannot be opened, is too big or is not YAML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DefinitionError(
            str(path), [Problem(1, "", _("The file cannot be read: %(why)s.") % {"why": error.strerror or error})]
        ) from None
    return read(content, str(path))


def read(content: bytes, name: str) -> Source:
    """Read the bytes of a definition file; `name` is what the problems call it."""

    def refuse(line: int, sentence: str) -> DefinitionError:
        return DefinitionError(name, [Problem(line, "", sentence)])

    if len(content) > SIZE_LIMIT:
        raise refuse(1, _("The file is larger than 1 MB: this is not a programme definition."))
    try:
        loader = _Loader(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refuse(1, _("The file is not text in UTF-8.")) from None
    except yaml.reader.ReaderError as error:
        raise refuse(
            1, _("The file holds a character that is not allowed (position %(at)s).") % {"at": error.position}
        ) from None
    reader = _Reader(loader)
    try:
        node = loader.get_single_node()
        data = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refuse(
            mark.line + 1 if mark else 1,
            _("This is not valid YAML: %(why)s.") % {"why": str(error.problem).rstrip(".")},
        ) from None
    except (ValueError, RecursionError, TypeError) as error:
        # A date such as 2018-02-31, or a mapping as a key.
        raise refuse(
            max(reader.lines.values(), default=1), _("This value cannot be read: %(why)s.") % {"why": error}
        ) from None
    finally:
        loader.dispose()
    source = Source(name, data, reader.lines, hashlib.sha256(content).hexdigest())
    if reader.repeated:
        raise DefinitionError(
            name,
            [
                Problem(line, source.path(place), _("This key is written twice: keep one."))
                for place, line in reader.repeated
            ],
        )
    return source
