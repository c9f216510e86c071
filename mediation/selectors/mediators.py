# SPDX-License-Identifier: EUPL-1.2
"""Reads for the register of mediators; always inside what the person may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Min, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.permissions import Permission, roles_with
from fami_portal.core import clock
from fami_portal.core.models import Document
from mediation.enums import Mode, QualificationKind
from mediation.models import Mediator, MediatorLanguage, MediatorQualification, MediatorTerritory
from mediation.models.mediators import networks_followed
from mediation.permissions import can_manage_mediator, is_oneself
from partners.models import Language, Membership, Municipality, NetworkMember, Organisation

# The kind of document that proves a qualification.
QUALIFICATION_DOCUMENT = "mediator_qualification"
# From when the pages say that a qualification is about to expire.
SOON = timedelta(days=60)


def providers_for(user: Any, permission: Permission = Permission.MANAGE_MEDIATORS) -> QuerySet[Organisation]:
    """Return the bodies of today in the networks that the person follows with a permission, by name."""
    members = NetworkMember.objects.on(clock.today()).filter(
        network__in=networks_followed(user, permission).values("pk")
    )
    return Organisation.objects.filter(pk__in=members.values("organisation")).order_by("name", "pk")


def register_for(user: Any) -> QuerySet[Mediator]:
    """Return the entries of the register page, by name, with what each line shows (three more queries when read)."""
    return (
        Mediator.objects.visible_to(user)
        .select_related("organisation")
        .prefetch_related(
            Prefetch("languages", _languages_in_order()),
            Prefetch("territories", _territories_in_order()),
        )
        .annotate(next_expiry=Min("qualifications__expires_on"))
        .order_by("family_name", "given_name", "pk")
    )


def _languages_in_order() -> QuerySet[MediatorLanguage]:
    return MediatorLanguage.objects.select_related("language").order_by("language__name", "variety", "pk")


def _territories_in_order() -> QuerySet[MediatorTerritory]:
    return MediatorTerritory.objects.select_related("municipality").order_by("province", "municipality__name", "pk")


def entry_for(user: Any) -> QuerySet[Mediator]:
    """Return the entries among which a page looks for its own."""
    return (
        Mediator.objects.visible_to(user)
        .select_related("organisation", "user", "home")
        .prefetch_related(
            Prefetch("languages", _languages_in_order()),
            Prefetch("territories", _territories_in_order()),
        )
        .order_by("pk")
    )


def qualifications_of(mediator: Mediator) -> list[MediatorQualification]:
    """Return the qualifications of an entry with their documents, the first to expire at the top."""
    return list(mediator.qualifications.select_related("document").order_by("expires_on", "kind", "pk"))


def qualification_for(user: Any) -> QuerySet[MediatorQualification]:
    """Return the qualifications among which a page looks for its own."""
    return MediatorQualification.objects.filter(
        mediator__in=Mediator.objects.visible_to(user).values("pk")
    ).select_related("mediator", "mediator__organisation", "document")


def languages_in_words(mediator: Mediator) -> str:
    """Return the languages with their varieties, as one line of the register shows them."""
    return ", ".join(
        f"{row.language.name} ({row.variety})" if row.variety else row.language.name for row in mediator.languages.all()
    )


def territories_in_words(mediator: Mediator) -> str:
    """Return where the mediator works: provinces by their letters, municipalities by name."""
    return ", ".join(str(row.municipality) if row.municipality else row.province for row in mediator.territories.all())


def modes_in_words(mediator: Mediator) -> str:
    """Return how the mediator works."""
    return ", ".join(str(mode.label) for mode in Mode if mode.value in mediator.modes)


@dataclass(frozen=True)
class Expiry:
    """How a day of expiry stands today: words, and the colour that repeats them."""

    words: Any
    colour: str


def expiry(expires_on: date | None, today: date) -> Expiry:
    """Say in words whether something has expired, expires soon, or is valid."""
    if expires_on is None:
        return Expiry(_("Does not expire"), "secondary")
    if expires_on < today:
        return Expiry(_("Expired on %(day)s") % {"day": f"{expires_on:%d/%m/%Y}"}, "danger")
    if expires_on == today:
        return Expiry(_("Expires today"), "warning")
    if expires_on <= today + SOON:
        days = (expires_on - today).days
        words = ngettext_lazy("Expires in %(days)d day", "Expires in %(days)d days", "days") % {"days": days}
        return Expiry(words, "warning")
    return Expiry(_("Valid until %(day)s") % {"day": f"{expires_on:%d/%m/%Y}"}, "success")


def accounts_to_link(mediator: Mediator) -> list[Membership]:
    """Return who holds the role of mediator in the provider body today and has no entry yet, by name."""
    return list(
        Membership.objects.filter(
            organisation=mediator.organisation_id,
            role__in=roles_with(Permission.MEDIATE),
            user__is_active=True,
            user__mediator__isnull=True,
        )
        .valid_on(timezone.localdate())
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "pk")
    )


def mediates_for(user: Any, organisation_id: int) -> bool:
    """Whether a person holds the role of mediator in a body today."""
    return (
        Membership.objects.of(user)
        .filter(organisation=organisation_id, role__in=roles_with(Permission.MEDIATE))
        .exists()
    )


def provinces_around(organisations: Iterable[int], kept: Iterable[str] = ()) -> list[str]:
    """Return the provinces of the regions in which the bodies have their seat, and those already `kept`."""
    regions = Municipality.objects.filter(organisation__in=organisations).values("region")
    found = Municipality.objects.filter(region__in=regions).order_by("province").values_list("province", flat=True)
    return sorted({*found.distinct(), *kept})


def neighbours_of(organisation: Organisation) -> list[int]:
    """Return the ids of the bodies that share a network with one today, itself included."""
    stays = NetworkMember.objects.on(clock.today())
    rows = stays.filter(network__in=stays.filter(organisation=organisation.pk).values("network"))
    return [organisation.pk, *rows.order_by("organisation").values_list("organisation", flat=True).distinct()]


def languages() -> QuerySet[Language]:
    """Return the languages of the reference list, by name."""
    return Language.objects.order_by("name", "pk")


def missing(mediator: Mediator, qualifications: list[MediatorQualification], today: date) -> list[Any]:
    """Return in words what an entry still lacks to be given assignments; nothing when it is complete."""
    lacks = []
    if not mediator.languages.all():
        lacks.append(_("the languages spoken"))
    if not mediator.territories.all():
        lacks.append(_("where the mediator works"))
    if not any(row.expires_on is None or row.expires_on >= today for row in _proofs(qualifications)):
        lacks.append(_("a valid qualification"))
    if not any(
        row.kind == QualificationKind.CRIMINAL_RECORD and (row.expires_on is None or row.expires_on >= today)
        for row in qualifications
    ):
        lacks.append(_("a valid criminal record certificate, needed to work with minors"))
    if mediator.confidentiality_signed_on is None:
        lacks.append(_("the confidentiality agreement, signed"))
    if mediator.user_id is None:
        lacks.append(_("the account with which the mediator answers proposals"))
    return lacks


def _proofs(qualifications: list[MediatorQualification]) -> list[MediatorQualification]:
    """Return the qualifications that say what the person can do, without the checks."""
    return [row for row in qualifications if row.kind != QualificationKind.CRIMINAL_RECORD]


def may_open_qualification(user: Any, document: Document) -> bool:
    """Whether the person may download the document of a qualification: the mediator, and who keeps the entry.

    Raises PermissionDenied for those who see the register without keeping it: certificates are not for them.
    """
    found = MediatorQualification.objects.filter(document=document.pk).select_related("mediator").first()
    if found is None or not Mediator.objects.filter(pk=found.mediator_id).visible_to(user).exists():
        return False
    if is_oneself(user, found.mediator) or can_manage_mediator(user, found.mediator):
        return True
    raise PermissionDenied
