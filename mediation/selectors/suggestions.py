# SPDX-License-Identifier: EUPL-1.2
"""Which mediators suit a request at a time, and why: one statement for a whole register, words only for what is shown.

The order is a suggestion: a person decides. Nobody is hidden: who must not be asked, or is busy, comes after the others
with the reason. The services refuse by the same statement, so what the page says and what happens cannot differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind, Unit
from actions.selectors.rules import amount
from mediation.enums import LanguageLevel, MediatorProfile, Mode
from mediation.models import MediationRequest
from mediation.selectors.elapsed import minutes_between
from mediation.selectors.suggestions_sql import SUGGESTIONS

# Where there are minors: whoever goes there has a valid certificate, if one with an expiry has been recorded.
WITH_MINORS = (MediationRequestKind.SCHOOL, MediationRequestKind.FACILITATION)
# The days over which work is shared fairly.
LOAD_DAYS = 90


class Fit(IntEnum):
    """How a mediator suits a request at a time."""

    SUITABLE = 0
    DOUBTFUL = 1
    UNSUITABLE = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a mediator (`plus`) or against, in words."""

    plus: bool
    text: str

    def __str__(self) -> str:
        return f"{'+' if self.plus else '-'} {self.text}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mediator as the statement judged them; the columns of `SUGGESTIONS`, in its order."""

    mediator_id: int
    uuid: UUID
    given_name: str
    family_name: str
    provider: str
    has_account: bool
    fit: Fit
    points: int
    # Codes of what forbids it, most telling first.
    refusals: Sequence[str]
    language: str | None
    variety: str | None
    level: str | None
    position: int | None
    variety_match: str | None
    place: str
    free: str
    load_minutes: int
    year_minutes: int
    yearly_maximum: int | None
    chosen_again: bool
    knows_case: bool
    qualification: str
    certificate: str
    gender_match: str
    mode_match: bool
    answered: str | None
    other_offer: bool
    total: int
    suitable: int
    # What the words depend on besides the columns.
    mode: str = Mode.IN_PERSON

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def may_be_asked(self) -> bool:
        """Whether a proposal can be made: nothing forbids it, and there is an account to answer with."""
        return self.fit != Fit.UNSUITABLE and self.has_account

    @property
    def refusal(self) -> str:
        """The sentence that forbids it, or nothing."""
        return refusal_sentence(self.refusals[0], self) if self.refusals else ""

    @property
    def reasons(self) -> list[Reason]:
        """Everything that speaks for and against, what forbids it first."""
        found = [Reason(False, refusal_sentence(code, self)) for code in self.refusals]
        found += _of_language(self) + _of_time(self) + _of_place(self) + _of_person(self) + _of_history(self)
        found.append(
            Reason(True, _("%(hours)s in the last 90 days") % {"hours": amount(self.load_minutes, Unit.HOURS)})
        )
        return found

    @property
    def explanation(self) -> list[str]:
        """The reasons as they are kept with a proposal."""
        return [str(reason) for reason in self.reasons]


def refusal_sentence(code: str, of: Suggestion) -> str:
    """Return the sentence of a code; the services refuse with the same words."""
    match code:
        case "inactive":
            return _("This mediator is not available for assignments at the moment.")
        case "facilitator":
            return _("This request needs an intercultural mediator: this person is a language facilitator.")
        case "mediator":
            return _("This request needs a language facilitator.")
        case "confidentiality":
            return _("This mediator has not signed the confidentiality agreement.")
        case "language":
            return _("This mediator does not speak any of the languages asked.")
        case "certificate":
            return _(
                "The criminal record certificate of this mediator has expired: it is needed where there are minors."
            )
        case "maximum":
            return _(
                "This mediator would pass the yearly maximum of %(maximum)s: %(worked)s are held or planned already."
            ) % {"maximum": amount(of.yearly_maximum or 0, Unit.HOURS), "worked": amount(of.year_minutes, Unit.HOURS)}
        case "busy":
            return _("Busy: another session at that time, travel included.")
    raise KeyError(code)


def _of_language(row: Suggestion) -> list[Reason]:
    if row.language is None or row.level is None:
        return []
    level = LanguageLevel(row.level).label
    words = {"language": row.language, "level": level, "variety": row.variety}
    first = row.position == 0
    found = [
        Reason(
            first,
            _("speaks %(language)s (%(level)s)") % words
            if first
            else _("speaks %(language)s (%(level)s), which is not the first language asked") % words,
        )
    ]
    match row.variety_match:
        case "same":
            found.append(Reason(True, _("of the variety asked: %(variety)s") % words))
        case "unknown":
            found.append(Reason(False, _("which variety is spoken is not recorded")))
        case "other":
            found.append(Reason(False, _("no such variety: speaks %(variety)s") % words))
    return found


def _of_time(row: Suggestion) -> list[Reason]:
    found = []
    if "busy" not in row.refusals:
        match row.free:
            case "free":
                found.append(Reason(True, _("free at that time")))
            case "away":
                found.append(Reason(False, _("away at that time")))
            case "not_declared":
                found.append(Reason(False, _("has not said when free")))
            case _:
                found.append(Reason(False, _("that time is outside the weekly availability")))
    if row.other_offer:
        found.append(Reason(False, _("has been asked for another request at that time")))
    return found


def _of_place(row: Suggestion) -> list[Reason]:
    match row.place:
        case "municipality":
            return [Reason(True, _("works in this municipality"))]
        case "province":
            return [Reason(True, _("works in this province"))]
        case "near":
            return [Reason(True, _("works in another municipality of this province"))]
        case "elsewhere":
            return [Reason(False, _("works in other territories"))]
        case "not_declared":
            return [Reason(False, _("has not said in which territory"))]
    return []


def _of_person(row: Suggestion) -> list[Reason]:
    found = []
    if not row.has_account:
        found.append(Reason(False, _("has no account: agree by phone and enter it as arranged outside")))
    match row.qualification:
        case "valid":
            found.append(Reason(True, _("qualification in order")))
        case "expired":
            found.append(Reason(False, _("qualification expired")))
        case _:
            found.append(Reason(False, _("no qualification recorded")))
    if row.certificate == "missing":
        found.append(Reason(False, _("no criminal record certificate recorded")))
    match row.gender_match:
        case "same":
            found.append(Reason(True, _("of the gender asked")))
        case "unknown":
            found.append(Reason(False, _("gender not declared")))
        case "other":
            found.append(Reason(False, _("not of the gender asked")))
    if not row.mode_match:
        found.append(Reason(False, _("does not work this way: %(mode)s") % {"mode": Mode(row.mode).label}))
    return found


def _of_history(row: Suggestion) -> list[Reason]:
    found = []
    if row.chosen_again:
        found.append(Reason(True, _("asked for again by the requester")))
    if row.knows_case:
        found.append(Reason(True, _("has followed this case before")))
    match row.answered:
        case "refused":
            found.append(Reason(False, _("has refused this request already")))
        case "expired":
            found.append(Reason(False, _("did not answer to this request")))
        case "withdrawn":
            found.append(Reason(False, _("a proposal for this request was withdrawn")))
    return found


# --- the statement -------------------------------------------------------------------------------------------------


def parameters(
    request: MediationRequest,
    *,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    only: Iterable[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Mapping[str, Any]:
    """Return what the statement needs to know of a request (reads `municipality` and `organisation`)."""
    place = request.municipality or request.organisation.municipality
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    year_from = timezone.make_aware(datetime(start.year, 1, 1))  # noqa: DTZ001  made aware at once
    year_until = timezone.make_aware(datetime(start.year + 1, 1, 1))  # noqa: DTZ001
    load_from = at - timedelta(days=LOAD_DAYS)
    facilitation = request.kind == MediationRequestKind.FACILITATION
    return {
        "request": request.pk,
        "network": request.network_id,
        "body": request.organisation_id,
        "case_code": request.case_code,
        "same_mediator": request.same_mediator_id,
        "profiles": [MediatorProfile.FACILITATOR if facilitation else MediatorProfile.MEDIATOR, MediatorProfile.BOTH],
        "profile_refusal": "mediator" if facilitation else "facilitator",
        "minors": request.kind in WITH_MINORS,
        "mode": request.mode,
        "in_person": request.mode == Mode.IN_PERSON,
        "gender": request.mediator_gender,
        "municipality": place.pk if place else None,
        "province": place.province if place else "",
        "starts_at": starts_at,
        "ends_at": ends_at,
        # Given as values: the database would reckon them again for each session.
        "day_before": starts_at - timedelta(days=1),
        "day_after": ends_at + timedelta(days=1),
        "minutes": minutes_between(starts_at, ends_at),
        "day": start.date(),
        "days": _days(start.date(), end.date()),
        "local_from": start.replace(tzinfo=None),
        # In the October hour the clock on the wall may not have moved, or may have gone back.
        "local_until": max(end.replace(tzinfo=None), start.replace(tzinfo=None)),
        "load_from": load_from,
        "since": min(load_from, year_from, starts_at - timedelta(days=2)),
        "year_from": year_from,
        "year_until": year_until,
        "only": None if only is None else list(only),
        "limit": limit,
        "offset": offset,
    }


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def suggestions(
    request: MediationRequest,
    *,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    only: Iterable[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Suggestion]:
    """Return the mediators of the network for a request and a time, the most suitable first (one query).

    `only` restricts them to some ids; `limit` and `offset` cut a page out of them: `total` and `suitable` of each row
    still count all.
    """
    values = parameters(request, starts_at=starts_at, ends_at=ends_at, at=at, only=only, limit=limit, offset=offset)
    with connection.cursor() as cursor:
        cursor.execute(SUGGESTIONS, values)
        names = [column.name for column in cursor.description]
        if names != _COLUMNS:
            raise AssertionError(names)
        return [_suggestion(row, request.mode) for row in cursor.fetchall()]


def _suggestion(row: Sequence[Any], mode: str) -> Suggestion:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Suggestion(**{**values, "fit": Fit(values["fit"])}, mode=mode)


_COLUMNS = [field.name for field in fields(Suggestion) if field.name != "mode"]
