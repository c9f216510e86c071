# SPDX-License-Identifier: EUPL-1.2
"""Shared names of the demonstration: one sharing in force, one that ended with its lab; two exceptional openings."""

from datetime import datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from accounts.models import User
from actions.models import Activity
from beneficiaries.enums import BreakGlassReason, SharingPurpose
from beneficiaries.models import Beneficiary, BreakGlass
from beneficiaries.selectors.sharing import last_notice
from beneficiaries.services.break_glass import examine, open_exceptionally
from beneficiaries.services.sharing import record_sharing
from fami_portal.core import clock
from reporting.demo import world
from reporting.demo.bodies import programme


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}{world.DOMAIN}")


def shared_names() -> None:
    """Let the head of a school share the names of its labs, and the Region open two names exceptionally."""
    head = _person("dirigente")
    labs = Activity.objects.filter(programme=programme(), venue__name=world.SHARING_SCHOOL).select_related("venue")
    for lab in labs.select_related("organisation").order_by("pk"):
        last = last_notice(lab, lab.venue) if lab.venue else None
        if lab.venue is None or last is None or last.notice_given_on is None:
            continue
        day = max(lab.starts_on, last.notice_given_on)
        record_sharing(
            activity=lab,
            organisation=lab.venue,
            keeper=lab.organisation,
            notice_version=last.notice_version,
            notice_given_on=last.notice_given_on,
            purpose=SharingPurpose.KEEP_REGISTER,
            starts_on=day,
            by=head,
            at=timezone.make_aware(datetime.combine(day, time(11))),
        )
    _exceptional_openings()


def _exceptional_openings() -> None:
    now = clock.now()
    people = Beneficiary.objects.filter(programme=programme(), identities__destroyed_at__isnull=True)
    named = people.filter(identities__isnull=False).order_by("pk")[:2]
    told = (
        (BreakGlassReason.AUTHORITY, "Il tribunale per i minorenni ha chiesto i dati con decreto", 9),
        (BreakGlassReason.SAFETY, "La scuola era chiusa e serviva avvisare la famiglia", 1),
    )
    for one, (reason, details, days) in zip(named, told, strict=False):
        open_exceptionally(
            beneficiary=one,
            reason=reason,
            details=details,
            key=uuid5(NAMESPACE_URL, str(one.uuid)),
            by=_person("regione"),
            at=now - timedelta(days=days),
        )
    first = BreakGlass.objects.order_by("at").first()
    if first is not None:
        note = "Visto il decreto: l’apertura era dovuta. Informato il dirigente dell’ente."
        examine(act=first, version=first.version, note=note, by=_person("privacy"), at=now - timedelta(days=7))
