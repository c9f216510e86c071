# SPDX-License-Identifier: EUPL-1.2
"""What nothing may be destroyed of now: programmes, bodies and recipients under a legal hold, restricted recipients."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from actions.models import Programme
from beneficiaries.models import Beneficiary
from beneficiaries.services.erasure import records_of_person
from fami_portal.core import clock
from privacy.enums.retention import HoldScope
from privacy.models import LegalHold

_EVERYTHING = Q(pk__isnull=False)
_NOTHING = Q(pk__isnull=True)


@dataclass(frozen=True)
class Held:
    """What holds keep of a programme on a day."""

    everything: bool = False
    bodies: frozenset[int] = frozenset()
    # Every record of the persons held: two bodies may have registered the same one.
    people: frozenset[int] = frozenset()

    def of(self, body: str, person: str) -> Q:
        """Return the condition of the records held, for rows whose body and recipient stand at these paths."""
        if self.everything:
            return _EVERYTHING
        found = _NOTHING
        if body and self.bodies:
            found |= Q(**{f"{body}__in": sorted(self.bodies)})
        if person and self.people:
            found |= Q(**{f"{person}__in": sorted(self.people)})
        return found


def held_on(day: date, programme: Programme | None, *, restricted: bool = True) -> Held:
    """Return what is held on a day. A hold on a whole programme keeps what belongs to the whole portal too.

    `restricted` adds the recipients whose processing is restricted (art. 18 GDPR). Whoever is the same person as a
    record that is held is held too. Two or three queries.
    """
    holds = LegalHold.objects.in_force(day).order_by("pk")
    if programme is None:
        return Held(everything=holds.filter(scope=HoldScope.PROGRAMME).exists())
    rows = list(holds.filter(programme=programme).values_list("scope", "organisation", "beneficiary"))
    if any(scope == HoldScope.PROGRAMME for scope, _body, _person in rows):
        return Held(everything=True)
    bodies = frozenset(body for _scope, body, _person in rows if body)
    people = [person for _scope, _body, person in rows if person]
    wanted = Q(pk__in=people) | Q(registered_by__in=bodies)
    if restricted:
        wanted |= Q(restricted_at__isnull=False)
    records = Beneficiary.objects.filter(wanted, programme=programme, anonymised_at__isnull=True)
    ids = list(records.order_by("pk").values_list("pk", flat=True))
    return Held(bodies=bodies, people=frozenset(records_of_person(ids)) if ids else frozenset())


def held_records(ids: Collection[int]) -> set[int]:
    """Return which records of recipients a legal hold keeps today; asked by the erasure of a person."""
    found: set[int] = set()
    of_programme: dict[int, set[int]] = {}
    rows = Beneficiary.objects.filter(pk__in=ids).order_by("pk")
    for pk, programme_id in rows.values_list("pk", "programme_id"):
        of_programme.setdefault(programme_id, set()).add(pk)
    for programme in Programme.objects.filter(pk__in=of_programme).order_by("pk"):
        held = held_on(clock.today(), programme, restricted=False)
        records = of_programme[programme.pk]
        found |= records if held.everything else records & held.people
    return found


def holds_for(user: Any) -> QuerySet[LegalHold]:
    """Return the holds of the programmes whose retention the person manages, the latest first."""
    return LegalHold.objects.visible_to(user).select_related("programme", "organisation", "beneficiary").order_by("-pk")
