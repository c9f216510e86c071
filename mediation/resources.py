# SPDX-License-Identifier: EUPL-1.2
"""What mediators look like in a file; the bulk service writes."""

from collections.abc import Hashable, Sequence
from typing import Any

from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.imports import (
    Cell,
    Choice,
    Column,
    Day,
    ImportResource,
    Line,
    Listed,
    Place,
    Text,
    plain,
    register_import,
)
from mediation.enums import Gender, LanguageLevel, MediatorProfile
from mediation.selectors.mediators import providers_for
from mediation.services.bulk import mediators
from partners.models import Language
from partners.permissions import holds
from partners.resources import MunicipalityCell


class SpokenCell(Cell):
    """Languages with their levels, as “Arabo: madrelingua; Francese: C1”; the answer has the level of each language."""

    def __init__(self) -> None:
        super().__init__()
        self._language = Listed(
            lambda: [(one, (one.name, one.code)) for one in Language.objects.order_by("name", "pk")]
        )
        self._level = Choice(LanguageLevel)

    def read(self, value: Any) -> dict[Language, str]:
        found: dict[Language, str] = {}
        for part in str(value).replace(",", ";").split(";"):
            name, _colon, level = part.partition(":")
            if not name.strip():
                continue
            if not level.strip():
                raise ValueError(_text("Write the level after each language, as “Arabic: mother tongue; French: C1”."))
            language = self._language.read(name)
            if language in found:
                raise ValueError(_text("%(language)s is there twice: leave it once.") % {"language": language})
            found[language] = self._level.read(level)
        return found


class MediatorResource(ImportResource):
    """The mediators of one body: one row for each."""

    given_name = Column(_("Given name"), Text(100), required=True, sensitive=True)
    family_name = Column(_("Surname"), Text(100), required=True, sensitive=True)
    email = Column(_("E-mail"), Text(254), sensitive=True, help=_("By it the mediator is found again."))
    phone = Column(_("Phone"), Text(30), sensitive=True)
    gender = Column(_("Gender"), Choice(Gender), sensitive=True)
    profile = Column(_("Profile"), Choice(MediatorProfile))
    languages = Column(
        _("Languages"), SpokenCell(), help=_("With the level of each, as “Arabic: mother tongue; French: C1”.")
    )
    home = Column(_("Starts from"), MunicipalityCell(), sensitive=True, help=_("The ISTAT code, or “Torino (TO)”."))
    confidentiality_signed_on = Column(_("Confidentiality agreement signed on"), Day())

    def prepare(self) -> None:
        """Read the register of the body."""
        about = self.place.about if self.place else {}
        self.register = mediators.read_register(about["organisation"])

    def key_of(self, values: dict[str, Any]) -> Hashable:
        """Return the e-mail, or the name."""
        return values["email"].lower() or (plain(values["given_name"]), plain(values["family_name"]))

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the register."""
        mediators.plan_mediators(register=self.register, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Register and correct."""
        mediators.write_mediators(register=self.register, lines=lines, by=self.user, at=self.at)


def _places(user: Any) -> list[Place]:
    return [Place(str(body.pk), body.name, {"organisation": body}) for body in providers_for(user)]


def register_imports() -> None:
    """Make the kinds of this app known; called when it is ready."""
    register_import(
        "mediators",
        label=_("Mediators"),
        help=_("One row for each mediator of a body of your networks, with languages and levels."),
        resource=MediatorResource,
        may_import=lambda user: holds(user, Permission.MANAGE_MEDIATORS),
        places=_places,
        place_label=_("Body of the mediators"),
        identity=True,
        record_opening=mediators.record_import_opening,
        list_url="mediation:mediator-list",
        order=35,
    )
