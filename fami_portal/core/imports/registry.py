# SPDX-License-Identifier: EUPL-1.2
"""The kinds of file that the apps let people import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from fami_portal.core import documents
from fami_portal.core.documents import RecordOpening
from fami_portal.core.models import Document, ImportRun

if TYPE_CHECKING:
    from fami_portal.core.imports.resource import ImportResource

MAX_BYTES = 20 * 1024 * 1024
ON_BEHALF_OF = _("On behalf of")


@dataclass(frozen=True)
class Place:
    """On whose work the rows of a file are about: a code, its words, and what the kind reads from it."""

    code: str
    label: str
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportKind:
    """What the portal knows about one kind of import."""

    code: str
    label: Any
    help: Any
    resource: "type[ImportResource]"
    may_import: Callable[[Any], bool]
    # Among which places the person chooses; None where a file is about the whole portal.
    places: Callable[[Any], Sequence[Place]] | None
    place_label: Any
    # Files with names: sealed, opened by a reason, kept for a shorter time.
    identity: bool
    # The name of the address where what was imported is read.
    list_url: str
    order: int

    @property
    def upload_kind(self) -> str:
        """The kind of document of the file that comes."""
        return f"import.{self.code}.file"

    @property
    def result_kind(self) -> str:
        """The kind of document of the file that goes back."""
        return f"import.{self.code}.result"


_kinds: dict[str, ImportKind] = {}


def register_import(
    code: str,
    *,
    label: Any,
    help: Any,  # noqa: A002  the word of the forms
    resource: "type[ImportResource]",
    may_import: Callable[[Any], bool],
    places: Callable[[Any], Sequence[Place]] | None = None,
    place_label: Any = ON_BEHALF_OF,
    identity: bool = False,
    record_opening: RecordOpening | None = None,
    list_url: str = "",
    order: int = 100,
) -> ImportKind:
    """Make a kind of import known; called by each app when it is ready.

    `resource` reads the rows and hands them to the bulk services of its app. With `identity` the files carry names:
    they are sealed, and `record_opening` writes down who opens a result and why. `list_url` names the page where the
    person goes on after the import.
    """
    kind = ImportKind(code, label, help, resource, may_import, places, place_label, identity, list_url, order)
    _kinds[code] = kind
    common: dict[str, Any] = {
        "types": ("xlsx", "csv"),
        "max_bytes": MAX_BYTES,
        "may_open": _may_open,
        "identity": identity,
        "page_of": _page_of,
    }
    documents.register_document_kind(kind.upload_kind, label=_("File to import"), file_name="da-importare", **common)
    documents.register_document_kind(
        kind.result_kind,
        label=_("Result of an import"),
        file_name="esito-importazione",
        record_opening=record_opening,
        **common,
    )
    return kind


def kinds() -> list[ImportKind]:
    """Return the registered kinds, in order."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.code))


def kinds_for(user: Any) -> list[ImportKind]:
    """Return the kinds that the person may import."""
    return [kind for kind in kinds() if kind.may_import(user)]


def kind_of(code: str) -> ImportKind | None:
    """Return the kind with this code, None when nobody registered it."""
    return _kinds.get(code)


def place_for(kind: ImportKind, user: Any, code: str) -> Place | None:
    """Return a place of the person by its code; None when the person has it not (any more)."""
    return next((place for place in (kind.places(user) if kind.places else ()) if place.code == code), None)


def _may_open(user: Any, document: Document) -> bool:
    """Only who imported it opens the result; the file that was sent is read by the portal alone."""
    found = ImportRun.objects.visible_to(user).filter(pk=document.subject_id).first()
    if found is None:
        return False
    if found.result_id != document.pk:
        raise PermissionDenied(_("You have this file already: the portal hands out the result only."))
    return True


def _page_of(document: Document) -> str:
    found = ImportRun.objects.filter(pk=document.subject_id).first()
    return found.get_absolute_url() if found is not None else ""
