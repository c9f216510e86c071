# SPDX-License-Identifier: EUPL-1.2
"""What bodies, members of networks and the registry of schools look like in a file; the bulk services write."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.imports import (
    Choice,
    Code,
    Column,
    Day,
    ImportResource,
    Line,
    Listed,
    Text,
    plain,
    register_import,
)
from partners.enums import InformalReason, Nature, NetworkRole, OrganisationKind
from partners.models import Municipality
from partners.permissions import holds
from partners.services.bulk import members, organisations, schools


class MunicipalityCell(Listed):
    """A municipality by its ISTAT code, or by its name with the province: “Torino (TO)”."""

    def __init__(self) -> None:
        super().__init__(
            self._places,
            unknown=_("Write the ISTAT code of the municipality, or its name with the province, as “Torino (TO)”."),
        )

    def _places(self) -> Iterable[tuple[Municipality, tuple[object, ...]]]:
        for place in Municipality.objects.order_by("name", "pk").iterator():
            yield place, (str(place), place.name, place.code, place.code.lstrip("0"))

    def choices(self) -> list[str]:
        """There are too many for a list."""
        return []


class OrganisationResource(ImportResource):
    """Bodies: those that the portal has are corrected, the others registered."""

    name = Column(_("Name"), Text(200), required=True)
    kind = Column(_("Kind"), Choice(OrganisationKind), required=True)
    nature = Column(_("Nature"), Choice(Nature), help=_("Empty: the usual one of the kind."))
    fiscal_code = Column(_("Tax code"), Code(16, digits=11), help=_("11 digits; by it the body is found again."))
    vat_number = Column(_("VAT number"), Code(11, digits=11))
    school_code = Column(_("School code"), Code(10), help=_("Schools only, as TOIC81600L; by it they are found again."))
    ipa_code = Column(_("IPA code"), Text(10))
    runts_number = Column(_("RUNTS number"), Text(20))
    informal_reason = Column(_("Reason for having no tax code"), Choice(InformalReason))
    municipality = Column(_("Municipality"), MunicipalityCell(), help=_("The ISTAT code, or “Torino (TO)”."))
    address = Column(_("Address"), Text(200))
    pec = Column(_("Certified e-mail (PEC)"), Text(254))
    email = Column(_("E-mail"), Text(254))

    def key_of(self, values: dict[str, Any]) -> Hashable:
        """Return the code of the body, or its name and kind."""
        return values["school_code"] or values["fiscal_code"] or (plain(values["name"]), values["kind"])

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the name."""
        return str(values["name"])

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the bodies of the portal."""
        organisations.plan_organisations(lines=lines, by=self.user)

    def write(self, lines: Sequence[Line]) -> None:
        """Register and correct."""
        organisations.write_organisations(lines=lines, by=self.user)


class MemberResource(ImportResource):
    """Members of networks: entries, and exits of who is in."""

    looks_ahead = True
    network = Column(_("Network"), Text(200), required=True, help=_("The code of the network, as the portal shows it."))
    body = Column(_("Body"), Text(200), required=True, help=_("Its tax code, its school code, or its exact name."))
    role = Column(_("Part"), Choice(NetworkRole), required=True)
    entered_on = Column(_("Entered on"), Day(), required=True)
    left_on = Column(_("Left on"), Day(), help=_("Empty while the body is in the network."))

    def prepare(self) -> None:
        """Read the networks and their stays."""
        self.stays = members.read_stays(self.user)

    def look_ahead(self, line: Line) -> None:
        """Note the exits, whatever the order of the rows."""
        members.note_exit(self.stays, line)

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the body and the network."""
        return f"{values['body']} – {values['network']}"

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the stays."""
        members.plan_members(stays=self.stays, lines=lines, by=self.user)

    def write(self, lines: Sequence[Line]) -> None:
        """Write entries and exits."""
        members.write_members(lines=lines, by=self.user)


class SchoolResource(ImportResource):
    """The registry of schools as the ministry publishes it: institutes and their sites."""

    other_columns = True
    looks_ahead = True
    school_code = Column(_("School code"), Code(10), required=True, aliases=("CODICESCUOLA",))
    name = Column(_("Name of the school"), Text(200), required=True, aliases=("DENOMINAZIONESCUOLA",))
    institute_code = Column(
        _("Code of the institute"),
        Code(10),
        aliases=("CODICEISTITUTORIFERIMENTO",),
        help=_("The school code of the institute to which a site belongs; of an institute its own."),
    )
    region = Column(_("Region"), Text(60), required=True, aliases=("REGIONE",))
    municipality = Column(_("Municipality"), Text(100), required=True, aliases=("DESCRIZIONECOMUNE",))
    address = Column(_("Address"), Text(190), aliases=("INDIRIZZOSCUOLA",))
    postcode = Column(_("Postcode"), Code(5, digits=5), aliases=("CAPSCUOLA",))
    level = Column(_("Kind of school"), Text(150), aliases=("DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA",))
    email = Column(_("E-mail"), Text(254), aliases=("INDIRIZZOEMAILSCUOLA",))
    pec = Column(_("Certified e-mail (PEC)"), Text(254), aliases=("INDIRIZZOPECSCUOLA",))

    def prepare(self) -> None:
        """Read the municipalities."""
        self.registry = schools.read_registry()

    def look_ahead(self, line: Line) -> None:
        """Note which institute each school has."""
        schools.note_school(self.registry, line)

    def key_of(self, values: dict[str, Any]) -> Hashable:
        """Return the school code."""
        return str(values["school_code"])

    def title_of(self, values: dict[str, Any]) -> str:
        """Return code and name."""
        return f"{values['school_code']} {values['name']}"

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the schools of the portal."""
        schools.plan_schools(registry=self.registry, lines=lines, by=self.user)

    def write(self, lines: Sequence[Line]) -> None:
        """Register and correct."""
        schools.write_schools(registry=self.registry, lines=lines, by=self.user)

    def finish(self) -> None:
        """Let the sites belong to their institutes."""
        schools.join_sites(registry=self.registry)


def _manages(user: Any) -> bool:
    return holds(user, Permission.MANAGE_ORGANISATIONS)


def register_imports() -> None:
    """Make the kinds of this app known; called when it is ready."""
    register_import(
        "organisations",
        label=_("Bodies"),
        help=_("One row for each body: those that the portal has are corrected, the others registered."),
        resource=OrganisationResource,
        may_import=_manages,
        list_url="partners:organisations",
        order=10,
    )
    register_import(
        "members",
        label=_("Members of networks"),
        help=_("One row for each stay of a body in a network, with the day of the entry and of the exit."),
        resource=MemberResource,
        may_import=_manages,
        list_url="partners:networks",
        order=20,
    )
    register_import(
        "schools",
        label=_("Registry of schools"),
        help=_("The file of the ministry’s open data as it is: institutes and their sites."),
        resource=SchoolResource,
        may_import=_manages,
        list_url="partners:organisations",
        order=30,
    )
