# SPDX-License-Identifier: EUPL-1.2
"""Who stands in an official sheet of a body, with what was given to each, and who is left out and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from actions.enums import Sheet
from actions.models import Programme
from beneficiaries.enums import OutcomeState
from beneficiaries.models import (
    Beneficiary,
    EligibilityCheck,
    Enrolment,
    Identity,
    OperatorSheet,
    ThirdCountrySheet,
)
from beneficiaries.permissions import bodies_opening
from beneficiaries.selectors.counting import MEANT, why_not_counted
from beneficiaries.selectors.outcomes import latest_outcomes, support_ended_on
from partners.models import Organisation, PermitKind

# The official sheets take about a thousand rows each: more go into further files.
ROWS = 1000
# Groups whose persons stand in each sheet: pupils are third-country nationals too, without papers.
IN_SHEET = {
    Sheet.THIRD_COUNTRY: (Sheet.THIRD_COUNTRY, Sheet.PUPILS),
    Sheet.OPERATORS: (Sheet.OPERATORS,),
}
_FACTS = ("first_specific", "second_specific", "third_specific", "education", "origin_work")


@dataclass
class SheetPerson:
    """One row of a sheet: the recipient, the first and last day of its supports, what they were and brought.

    `ends_on` is empty while a support goes on; `reasons` say why the recipient is left out, if it is.
    """

    beneficiary: Beneficiary
    begins_on: date
    ends_on: date | None = None
    language: bool = False
    supports: set[str] = field(default_factory=set)
    outcomes: dict[str, str] = field(default_factory=dict)
    permit: PermitKind | None = None
    facts: ThirdCountrySheet | OperatorSheet | None = None
    reasons: Sequence[Any] | None = None


@dataclass(frozen=True)
class OfficialSheet:
    """One sheet of one body in one programme."""

    programme: Programme
    body: Organisation
    sheet: Sheet
    people: list[SheetPerson]
    left_out: list[SheetPerson]
    # How many in the sheet have no name written.
    nameless: int

    @property
    def permitless(self) -> int:
        """How many of those that are asked for the permit have none written."""
        asked = [one for one in self.people if one.beneficiary.target_group.sheet == Sheet.THIRD_COUNTRY]
        return sum(one.permit is None for one in asked)

    @property
    def parts(self) -> range:
        """The numbers of the files that hold it."""
        return range(1, -(-len(self.people) // ROWS) + 1)

    def part(self, number: int) -> list[SheetPerson]:
        """Return the rows of one file."""
        return self.people[(number - 1) * ROWS : number * ROWS]


def sheets_offered(user: Any) -> list[tuple[Programme, Organisation, Sheet]]:
    """Return the sheets that the person can hand in: of own bodies whose names it may open. Two queries."""
    bodies = {body.pk: body for body in bodies_opening(user)}
    rows = (
        Beneficiary.objects.filter(registered_by__in=list(bodies), anonymised_at__isnull=True)
        .filter(~Q(target_group__sheet="") | Q(enrolments__target_group__isnull=False))
        .order_by("programme__title", "programme", "registered_by")
        .values_list("programme", "registered_by", "target_group__sheet", "enrolments__target_group__sheet")
        .distinct()
    )
    wanted = {
        (programme, body, sheet)
        for programme, body, *sheets in rows
        for sheet, inside in IN_SHEET.items()
        if set(sheets) & set(inside)
    }
    programmes = Programme.objects.in_bulk({programme for programme, _body, _sheet in wanted})
    found = [(programmes[programme], bodies[body], sheet) for programme, body, sheet in wanted]
    return sorted(found, key=lambda row: (row[0].title, row[1].name, row[2]))


def official_sheet(*, programme: Programme, body: Organisation, sheet: Sheet, today: date) -> OfficialSheet:
    """Return an official sheet of what a body registered. Five queries, whatever its size.

    One row for each person with a support for this sheet: records that are one person in the same body are one row.
    """
    rows: dict[int, SheetPerson] = {}
    of_row: dict[int, SheetPerson] = {}
    enrolments = list(_enrolments(programme, body, sheet))
    for enrolment in enrolments:
        one = enrolment.beneficiary
        kept = one.merged_into if one.merged_into and one.merged_into.registered_by_id == body.pk else one
        person = rows.setdefault(kept.pk, SheetPerson(kept, enrolment.enrolled_on, enrolment.enrolled_on))
        of_row[enrolment.pk] = person
        _add(person, enrolment, today)
    for (enrolment_id, kind), outcome in latest_outcomes(of_row).items():
        _add_outcome(of_row[enrolment_id], kind, outcome.state)
    if sheet == Sheet.THIRD_COUNTRY:
        for check in _permits(rows):
            rows[check.beneficiary_id].permit = check.permit
    for facts in _facts(sheet, rows):
        rows[facts.beneficiary_id].facts = facts
    people = sorted(rows.values(), key=lambda person: (person.begins_on, person.beneficiary.pk))
    inside = [person for person in people if not person.reasons]
    named = Identity.objects.filter(
        beneficiary__in=[person.beneficiary.pk for person in inside], organisation=body, destroyed_at__isnull=True
    ).count()
    return OfficialSheet(
        programme, body, sheet, inside, [person for person in people if person.reasons], len(inside) - named
    )


def _enrolments(programme: Programme, body: Organisation, sheet: Sheet) -> QuerySet[Enrolment]:
    inside = IN_SHEET[sheet]
    people = ("beneficiary", "beneficiary__merged_into")
    return (
        Enrolment.objects.filter(
            Q(target_group__sheet__in=inside)
            | Q(target_group__isnull=True, beneficiary__target_group__sheet__in=inside),
            MEANT,
            beneficiary__programme=programme,
            beneficiary__registered_by=body,
            beneficiary__anonymised_at__isnull=True,
            beneficiary__restricted_at__isnull=True,
        )
        .select_related(
            "activity__activity_type",
            "target_group",
            *(f"{one}__{name}" for one in people for name in ("target_group", "citizenship")),
        )
        .order_by("enrolled_on", "pk")
    )


def _facts(sheet: Sheet, ids: Iterable[int]) -> QuerySet[Any]:
    if sheet == Sheet.OPERATORS:
        return OperatorSheet.objects.filter(beneficiary__in=list(ids)).order_by("pk")
    return ThirdCountrySheet.objects.filter(beneficiary__in=list(ids)).select_related(*_FACTS).order_by("pk")


def _permits(ids: Iterable[int]) -> QuerySet[EligibilityCheck]:
    """Return the checks that named a permit, the latest of each recipient last."""
    found = EligibilityCheck.objects.filter(beneficiary__in=list(ids), permit__isnull=False)
    return found.select_related("permit").order_by("at", "pk")


def _add(person: SheetPerson, enrolment: Enrolment, today: date) -> None:
    ended = support_ended_on(enrolment)
    # One support that goes on leaves the end open, whatever the others say.
    person.ends_on = None if person.ends_on is None or ended >= today else max(person.ends_on, ended)
    kind = enrolment.activity.activity_type
    person.language = person.language or kind.is_language
    person.supports |= set(kind.supports)
    reasons = why_not_counted(person.beneficiary, on=enrolment.enrolled_on, group=enrolment.target_group)
    # Who counts by one of the supports stands in the sheet.
    if person.reasons is None or not reasons:
        person.reasons = reasons


def _add_outcome(person: SheetPerson, kind: str, state: str) -> None:
    """Keep the best of what the supports brought: positive once is positive."""
    order = (OutcomeState.PENDING, OutcomeState.NEGATIVE, OutcomeState.POSITIVE)
    kept = person.outcomes.get(kind, OutcomeState.PENDING)
    person.outcomes[kind] = max(kept, state, key=lambda one: order.index(OutcomeState(one)))
