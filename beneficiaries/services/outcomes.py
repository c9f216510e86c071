# SPDX-License-Identifier: EUPL-1.2
"""Recording what supports brought to people, when they have ended (domain reference, sections 2.4 and 3.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState, OutcomeKind
from actions.models import Activity
from actions.selectors.activities import closed_period_on, closed_periods_of
from actions.services.activities import lock_activity
from actions.workflow import ClosedPeriodError, closed_period_refusals
from beneficiaries.enums import AttestationKind, LanguageLevel, OutcomeState, UsefulArea
from beneficiaries.models import Enrolment, Outcome
from beneficiaries.permissions import check_can_enrol
from beneficiaries.selectors.outcomes import asked_of, latest_outcomes, support_ended_on, supports_of
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event

Place = tuple[int, str]
# Two areas out of five, and a mean of seven out of ten, are positive (domain reference, V27 and V28).
ENOUGH_AREAS = 2
ENOUGH_MEAN = 7
MOST_ANSWERS = 30
_LEVELS: list[str] = list(LanguageLevel.values)
_TYPED = ("state", "areas", "scores", "level", "attestation", "attested_on", "kept_at")


@dataclass(frozen=True)
class NewOutcome:
    """One outcome as it was typed; nothing typed takes back what was recorded.

    `areas` are codes of `UsefulArea`, None when nothing was asked; `scores` are answers from 1 to 10; `state` is
    chosen only where nothing else says it. `was` is what the page showed (`mark_of`); None does not compare.
    """

    enrolment_id: int
    kind: str
    state: str = ""
    areas: Sequence[str] | None = None
    scores: Sequence[int] = ()
    level: str = ""
    entry_level: str = ""
    attestation: str = ""
    attested_on: date | None = None
    kept_at: str = ""
    was: str | None = None

    @property
    def place(self) -> Place:
        return self.enrolment_id, self.kind

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.state or self.areas is not None or self.scores or self.level or self.attested_on) and not (
            self.attestation or self.kept_at.strip()
        )


@dataclass(frozen=True)
class Recorded:
    """How many outcomes were written, and how many held the same already."""

    written: int
    unchanged: int


class OutcomesRefused(DomainError):
    """Some outcomes cannot be written, so none was. `problems` has the sentence of each; `stale` those that changed."""

    def __init__(self, problems: Mapping[Place, Any], stale: Iterable[Place]) -> None:
        self.problems = dict(problems)
        self.stale = frozenset(stale)
        first = next(iter(self.problems.values()))
        super().__init__(
            first
            if len(self.problems) == 1
            else _("Nothing was saved: %(number)s outcomes must be corrected.") % {"number": len(self.problems)}
        )


def mark_of(outcome: Outcome | None) -> str:
    """Return what tells one record of an outcome from the next, as the pages send it back to be compared."""
    return str(outcome.pk) if outcome else ""


def closed_to_outcomes(enrolment: Enrolment, *, today: date, present: int) -> Any:
    """Return why the outcomes of a support cannot be recorded, or an empty text (reads the activity)."""
    if not present:
        return _("Never present in the register: no outcome is asked.")
    ended = support_ended_on(enrolment)
    if ended >= today:
        return _("The support ends on %(day)s: outcomes can be recorded from the day after.") % {
            "day": f"{ended:%d/%m/%Y}"
        }
    return ""


def record_outcomes(
    *, activity: Activity, collected_on: date, entries: Iterable[NewOutcome], by: Any, at: datetime
) -> Recorded:
    """Record outcomes of supports of an activity, all or none, in a constant number of queries.

    The latest of each kind counts; the earlier ones are kept. `collected_on` is the day on which the persons were
    asked. Recording the same again changes nothing. Raises `NotPermitted`, `OutcomesRefused` with the sentence of each,
    `DomainError` at `collected_on` for a day that cannot be, `ClosedPeriodError` for one that is closed.
    """
    wanted = {entry.place: entry for entry in entries}
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        if by is not None:
            check_can_enrol(by, locked)
        if locked.state == ActivityState.CANCELLED:
            raise DomainError(_("This activity is cancelled: it has no outcomes."))
        writing = _Writing(locked, wanted, timezone.localdate(at))
        writing.check(collected_on)
        changed = writing.changed()
        if changed:
            _check_day(locked, collected_on, timezone.localdate(at))
            writing.write(changed, collected_on, by=by, at=at)
            record_event(by=by, verb="outcomes_recorded", target=locked, data={"outcomes": len(changed)}, at=at)
    return Recorded(len(changed), len(wanted) - len(changed))


def _check_day(activity: Activity, collected_on: date, today: date) -> None:
    if collected_on > today:
        raise DomainError(_("This day has not come yet."), field="collected_on")
    closed = closed_period_on(closed_periods_of(activity), collected_on)
    if closed is not None:
        raise ClosedPeriodError(closed, field="collected_on")


class _Writing:
    """The rows that a set of outcomes touches, read once."""

    def __init__(self, activity: Activity, wanted: Mapping[Place, NewOutcome], today: date) -> None:
        self.wanted = wanted
        self.today = today
        ids = {entry.enrolment_id for entry in wanted.values()}
        self.supports: dict[int, Any] = {row.pk: row for row in supports_of(activity).filter(pk__in=ids)}
        self.kept = latest_outcomes(ids)
        self.problems: dict[Place, Any] = {}
        self.stale: set[Place] = set()
        self.rows: dict[Place, Outcome | None] = {}

    def check(self, collected_on: date) -> None:
        """Work out every outcome. Raises `OutcomesRefused` with every problem."""
        for place, entry in self.wanted.items():
            try:
                row = self.rows[place] = self.worked_out(entry)
            except DomainError as error:
                self.problems[place] = error.message
                continue
            if self.same(place, row):
                continue
            kept = self.kept.get(place)
            if entry.was is not None and entry.was != mark_of(kept):
                self.stale.add(place)
                self.problems[place] = _(
                    "Someone wrote “%(value)s” here meanwhile. Check it, and save again if yours is right."
                ) % {"value": kept.get_state_display() if kept else _("nothing")}
            elif row is not None and collected_on < support_ended_on(self.supports[entry.enrolment_id]):
                self.problems[place] = _("The support ended on %(day)s: the day of collection comes after it.") % {
                    "day": f"{support_ended_on(self.supports[entry.enrolment_id]):%d/%m/%Y}"
                }
        if self.problems:
            raise OutcomesRefused(self.problems, self.stale)

    def worked_out(self, entry: NewOutcome) -> Outcome | None:
        """Return the outcome that was typed, None for nothing. Raises `DomainError` with what is wrong."""
        support = self.supports.get(entry.enrolment_id)
        if support is None or entry.kind not in asked_of(support):
            raise DomainError(_("This outcome is not asked of this recipient."))
        if entry.empty:
            return None
        closed = closed_to_outcomes(support, today=self.today, present=support.times_present)
        if closed:
            raise DomainError(closed)
        row = Outcome(enrolment=support, kind=entry.kind, state=OutcomeState.PENDING)
        if entry.state == OutcomeState.PENDING:  # said so: nobody can know it, or it does not apply
            return row
        match OutcomeKind(entry.kind):
            case OutcomeKind.LANGUAGE:
                _language(row, entry, support.entry_level or entry.entry_level, today=self.today)
            case OutcomeKind.USEFULNESS:
                row.areas = _areas(entry)
                row.state = _state(len(row.areas) >= ENOUGH_AREAS)
            case OutcomeKind.SATISFACTION:
                row.scores = _scores(entry)
                row.state = _state(sum(row.scores) >= ENOUGH_MEAN * len(row.scores))
            case _:
                if entry.state not in (OutcomeState.POSITIVE, OutcomeState.NEGATIVE):
                    raise DomainError(_("Choose yes or no."))
                row.state = entry.state
        return row

    def same(self, place: Place, row: Outcome | None) -> bool:
        kept = self.kept.get(place)
        if row is None:
            return kept is None or kept.state == OutcomeState.PENDING
        return kept is not None and all(getattr(kept, name) == getattr(row, name) for name in _TYPED)

    def changed(self) -> list[Place]:
        return [place for place, row in self.rows.items() if not self.same(place, row)]

    def write(self, changed: Sequence[Place], collected_on: date, *, by: Any, at: datetime) -> None:
        """Supersede what counted and insert what counts now: a statement for each, and one for the levels."""
        old = [self.kept[place].pk for place in changed if place in self.kept]
        if old:
            Outcome.objects.filter(pk__in=old).update(superseded_at=at)
        new = []
        for enrolment_id, kind in changed:
            row = self.rows[enrolment_id, kind] or Outcome(
                enrolment_id=enrolment_id, kind=kind, state=OutcomeState.PENDING
            )
            row.collected_on, row.by, row.at = collected_on, by, at
            new.append(row)
        Outcome.objects.bulk_create(new)
        supports = []
        for enrolment_id, kind in changed:
            if kind == OutcomeKind.LANGUAGE:
                support, entry = self.supports[enrolment_id], self.wanted[enrolment_id, kind]
                support.entry_level = support.entry_level or entry.entry_level
                support.exit_level = entry.level
                supports.append(support)
        if supports:
            Enrolment.objects.bulk_update(supports, ["entry_level", "exit_level"])


def _state(positive: bool) -> str:
    return OutcomeState.POSITIVE if positive else OutcomeState.NEGATIVE


def _language(row: Outcome, entry: NewOutcome, entry_level: str, *, today: date) -> None:
    """A better level than at entry, with its attestation, is positive; the same level or a lower one is negative."""
    if entry.level not in _LEVELS:
        raise DomainError(_("Choose the level reached."))
    if entry_level not in _LEVELS:
        raise DomainError(_("Choose the level at entry too: the outcome is the difference."))
    row.level = entry.level
    row.attestation, row.attested_on, row.kept_at = entry.attestation, entry.attested_on, entry.kept_at.strip()
    if row.attestation and row.attestation not in AttestationKind.values:
        raise DomainError(_("Choose the attestation from the list."))
    if row.attested_on and row.attested_on > today:
        raise DomainError(_("The date of the attestation has not come yet."))
    if row.attested_on and row.attested_on < row.enrolment.enrolled_on:
        raise DomainError(_("The attestation comes before the enrolment: check its date."))
    better = _LEVELS.index(entry.level) > _LEVELS.index(entry_level)
    if better and not (row.attestation and row.attested_on and row.kept_at):
        raise DomainError(
            _(
                "A better level counts only with its attestation: choose which, its date and where the paper is kept. If "
                "there is none yet, leave the level empty until it comes."
            )
        )
    row.state = _state(better)


def _areas(entry: NewOutcome) -> list[str]:
    areas = [code for code in UsefulArea.values if code in (entry.areas or ())]
    if len(areas) != len(set(entry.areas or ())):
        raise DomainError(_("Write the numbers of the areas, from 1 to 5; 0 for none."))
    return areas


def _scores(entry: NewOutcome) -> list[int]:
    scores = list(entry.scores)
    if not scores or len(scores) > MOST_ANSWERS or not all(1 <= score <= 10 for score in scores):
        raise DomainError(_("Write the answers from 1 to 10, with a space between them, as 8 7 9."))
    return scores
