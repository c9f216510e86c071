# SPDX-License-Identifier: EUPL-1.2
"""The rules of a request of mediation (A.1, A.3, language facilitation): what it lacks before it can be submitted.

Each rule yields problems: a field, the step of the form in which it is mended, and a sentence that says what to do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import MediationRequestKind, Unit
from actions.selectors.rules import amount
from mediation.enums import INTERVENTIONS, Intervention, Mode, RequestChannel, Urgency
from mediation.models import MediationRequest, RequestSlot
from mediation.selectors.free_text import possible_names, refusals
from mediation.selectors.settings import RequestSettings
from mediation.selectors.working_days import SUNDAY, holiday_name, working_minutes

# The steps of the form.
WHO, WHAT, WHEN, CASE = 1, 2, 3, 4
STEPS = (WHO, WHAT, WHEN, CASE)
# Free text, in which tax codes, phone numbers and addresses are refused.
FREE_TEXT = {
    "case_code": CASE,
    "school_class": CASE,
    "reason": WHAT,
    "urgency_reason": WHAT,
    "mediator_gender_reason": WHAT,
    "place": WHEN,
    "outside_reason": WHEN,
}
# Those in which a name may slip in unseen (places have capital letters of their own).
MAY_NAME = ("case_code", "reason", "urgency_reason", "mediator_gender_reason", "outside_reason")
# Before and after these hours a time is more likely mistyped than meant.
EARLIEST, LATEST = time(7), time(22)
FAST_LANE = (Urgency.NEW_ARRIVAL, Urgency.URGENT)
# Interventions of a service in which the family itself takes part: it must have been told before.
WITH_FAMILY = (
    Intervention.SERVICE_TALK,
    Intervention.HOME_VISIT,
    Intervention.PARENTING_SUPPORT,
    Intervention.ACCOMPANIMENT,
)


@dataclass(frozen=True)
class Problem:
    """Something to mend (`blocking`), or to look at again, before the request is submitted."""

    field: str
    step: int
    sentence: str
    blocking: bool = True
    # The words that look like a name: the person who files says whether they are.
    names: tuple[str, ...] = ()


def hours(minutes: int) -> str:
    """Write minutes as people read them (`1 h 30`)."""
    return amount(minutes, Unit.HOURS)


def is_fast(request: MediationRequest) -> bool:
    """Whether the request takes the fast lane."""
    return request.urgency in FAST_LANE


def has_family(request: MediationRequest) -> bool:
    """Whether the family takes part: then it must have been told, and have received the notice."""
    if request.is_group:
        return False
    return request.kind != MediationRequestKind.SERVICE or bool(set(request.interventions) & set(WITH_FAMILY))


def last_day_of(request: MediationRequest, slots: Iterable[RequestSlot]) -> date | None:
    """Return the last day on which the request still makes sense."""
    days = [slot.day for slot in slots]
    if request.series_until:
        days.append(request.series_until)
    return max(days, default=None)


# --- rules -----------------------------------------------------------------------------------------------------------


def who_asks(request: MediationRequest, **_unused: Any) -> Iterator[Problem]:
    """Two contacts: who answers for the body, and who will be there."""
    if not request.contact_name.strip():
        yield Problem("contact_name", WHO, _("Write who answers for this request in your school or service."))
    if not request.contact_email:
        yield Problem("contact_email", WHO, _("Write the e-mail address of the contact: the answers go there."))
    if not request.field_contact_name.strip():
        yield Problem("field_contact_name", WHO, _("Write who will be there with the mediator."))
    if not (request.field_contact_email or request.field_contact_phone.strip()):
        yield Problem(
            "field_contact_email",
            WHO,
            _(
                "Write the e-mail address or the phone of whoever will be there: the mediator must be able to reach them."
            ),
        )


def what_is_asked(request: MediationRequest, *, languages: list[Any], **_unused: Any) -> Iterator[Problem]:
    """Languages, interventions, reason, urgency."""
    if not languages:
        yield Problem("languages", WHAT, _("Choose at least one language."))
    offered = {str(value) for value in INTERVENTIONS.get(MediationRequestKind(request.kind), ())}
    if not request.interventions:
        yield Problem("interventions", WHAT, _("Choose at least one type of intervention."))
    elif set(request.interventions) - offered:
        yield Problem("interventions", WHAT, _("One of the types of intervention is not offered here: choose again."))
    if not request.reason.strip():
        yield Problem("reason", WHAT, _("Write in a few words why you ask for a mediator."))
    if request.urgency == Urgency.URGENT and not request.urgency_reason.strip():
        yield Problem("urgency_reason", WHAT, _("Write why it is urgent."))
    if request.mediator_gender and not request.mediator_gender_reason.strip():
        yield Problem(
            "mediator_gender_reason", WHAT, _("Write why the mediator should be a woman or a man, or leave it open.")
        )
    if not request.operator_present:
        yield Problem(
            "operator_present",
            WHEN,
            _("Confirm that somebody of your school or service will be there: a mediator never works alone."),
        )


def how_long(request: MediationRequest, *, settings: RequestSettings, **_unused: Any) -> Iterator[Problem]:
    """Length of a meeting, number of meetings, and their sum."""
    each = request.session_minutes
    uneven = request.minutes_asked % max(request.sessions_asked, 1)
    if not settings.minimum_minutes <= each <= settings.maximum_minutes or each % settings.step_minutes or uneven:
        asked = _("none is asked") if not each else _("%(asked)s are asked") % {"asked": hours(each)}
        yield Problem(
            "minutes_asked",
            WHEN,
            _("A meeting lasts from %(least)s to %(most)s, in steps of %(step)s minutes: %(asked)s.")
            % {
                "least": hours(settings.minimum_minutes),
                "most": hours(settings.maximum_minutes),
                "step": settings.step_minutes,
                "asked": asked,
            },
        )
    elif request.minutes_asked > settings.maximum_request_minutes:
        yield Problem(
            "sessions_asked",
            WHEN,
            _("A request can ask for %(most)s at most, and this asks for %(asked)s: ask for fewer meetings.")
            % {"most": hours(settings.maximum_request_minutes), "asked": hours(request.minutes_asked)},
        )


def where(request: MediationRequest, **_unused: Any) -> Iterator[Problem]:
    """Place for meetings in person, address for video calls."""
    if request.mode == Mode.IN_PERSON and not request.place.strip():
        yield Problem("place", WHEN, _("Write where the meeting takes place."))
    if request.mode == Mode.VIDEO and not request.video_link:
        yield Problem("video_link", WHEN, _("Write the address of the video call."))


def when(
    request: MediationRequest, *, settings: RequestSettings, slots: list[RequestSlot], since: datetime, **_unused: Any
) -> Iterator[Problem]:
    """The proposed times: inside the programme, with the notice that the programme asks."""
    if not slots:
        yield Problem("slot_0_day", WHEN, _("Propose at least one day."))
    outside = request.channel == RequestChannel.OUTSIDE
    if outside and not request.outside_reason.strip():
        yield Problem("outside_reason", WHEN, _("Write why it was agreed outside the portal."))
    # A length that is refused anyway is not compared.
    asked = request.session_minutes if request.session_minutes <= settings.maximum_minutes else 0
    for slot in slots:
        field = f"slot_{slot.position}_day"
        if slot.starts_at and slot.ends_at and _minutes(slot.starts_at, slot.ends_at) < asked:
            yield Problem(
                f"slot_{slot.position}_starts_at",
                WHEN,
                _("The time proposed for %(day)s is shorter than the meeting.") % {"day": _day(slot.day)},
            )
        if slot.starts_at and slot.ends_at and (slot.starts_at < EARLIEST or slot.ends_at > LATEST):
            yield Problem(
                f"slot_{slot.position}_starts_at",
                WHEN,
                _("The time proposed for %(day)s is from %(start)s to %(end)s: check the hour.")
                % {"day": _day(slot.day), "start": f"{slot.starts_at:%H:%M}", "end": f"{slot.ends_at:%H:%M}"},
                blocking=False,
            )
        sentence = _outside_programme(request, slot.day) or (
            "" if outside else _too_soon(slot, request=request, settings=settings, since=since)
        )
        if sentence:
            yield Problem(field, WHEN, sentence)
            continue
        name = holiday_name(slot.day) or (_("a Sunday") if slot.day.weekday() == SUNDAY else "")
        if name:
            yield Problem(
                field,
                WHEN,
                _("%(day)s is %(holiday)s: check that the meeting is really on that day.")
                % {"day": _day(slot.day), "holiday": name},
                blocking=False,
            )
    yield from _series(request, slots)


def _series(request: MediationRequest, slots: list[RequestSlot]) -> Iterator[Problem]:
    """A weekly series says until when, and holds at least two meetings."""
    if request.kind != MediationRequestKind.FACILITATION:
        return
    first = min((slot.day for slot in slots), default=None)
    if request.series_until is None:
        yield Problem("series_until", WHEN, _("Write until which day the weekly meetings go on."))
    elif first and request.series_until < first + timedelta(days=7):
        yield Problem("series_until", WHEN, _("A weekly series lasts at least two weeks: write a later day."))
    elif sentence := _outside_programme(request, request.series_until):
        yield Problem("series_until", WHEN, sentence)


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def _minutes(starts_at: time, ends_at: time) -> int:
    return (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute


def _outside_programme(request: MediationRequest, day: date) -> str:
    programme = request.programme
    if programme.starts_on <= day <= programme.last_day:
        return ""
    return _("%(day)s is outside the programme, which runs from %(start)s to %(end)s.") % {
        "day": _day(day),
        "start": _day(programme.starts_on),
        "end": _day(programme.last_day),
    }


def _too_soon(slot: RequestSlot, *, request: MediationRequest, settings: RequestSettings, since: datetime) -> str:
    """Say that the day is past, or that the notice is too short. A day whose hour is to be agreed counts whole."""
    if slot.day < timezone.localdate(since):
        return _("%(day)s is past: propose another day.") % {"day": _day(slot.day)}
    if slot.starts_at:
        begins = timezone.make_aware(datetime.combine(slot.day, slot.starts_at))
    else:
        begins = timezone.make_aware(datetime.combine(slot.day + timedelta(days=1), time()))
    if is_fast(request):
        if begins - since < timedelta(hours=settings.urgent_notice_hours):
            return ngettext(
                "%(day)s is too soon: an urgent request needs %(hours)s hour of notice.",
                "%(day)s is too soon: an urgent request needs %(hours)s hours of notice.",
                settings.urgent_notice_hours,
            ) % {"day": _day(slot.day), "hours": settings.urgent_notice_hours}
        return ""
    if working_minutes(since, begins) < settings.minimum_notice_hours * 60:
        notice = _notice(settings.minimum_notice_hours)
        return _(
            "%(day)s is too soon: the notice is %(notice)s. Propose a later day, or say that it is urgent and why."
        ) % {"day": _day(slot.day), "notice": notice}
    return ""


def _notice(length: int) -> str:
    if length % 24 == 0:
        days = length // 24
        return ngettext("%(days)s working day", "%(days)s working days", days) % {"days": days}
    return ngettext("%(hours)s hour", "%(hours)s hours", length) % {"hours": length}


def family(request: MediationRequest, *, since: datetime, **_unused: Any) -> Iterator[Problem]:
    """The family has been told before anybody asks for a mediator."""
    if not has_family(request):
        return
    if request.family_informed_on is None:
        yield Problem("family_informed_on", CASE, _("Write on which day the family was told and received the notice."))
    elif request.family_informed_on > timezone.localdate(since):
        yield Problem(
            "family_informed_on",
            CASE,
            _("The day on which the family was told is in the future: inform the family first."),
        )
    if not request.notice_version.strip():
        yield Problem("notice_version", CASE, _("Write the version of the notice that the family received."))


def case(
    request: MediationRequest, *, settings: RequestSettings, slots: list[RequestSlot], since: datetime, **_unused: Any
) -> Iterator[Problem]:
    """A single case, known by its code alone, or a group."""
    if request.is_group:
        if not request.families:
            yield Problem("families", CASE, _("Write how many families are expected."))
        return
    if not request.case_code.strip():
        yield Problem("case_code", CASE, _("Write the code of the case, or let the portal propose one."))
    if request.kind == MediationRequestKind.SERVICE and not request.case_kind:
        yield Problem("case_kind", CASE, _("Say who the support is for."))
    year = timezone.localdate(since).year
    if request.birth_year and not year - 110 <= request.birth_year <= year:
        yield Problem("birth_year", CASE, _("Check the year of birth."))
    if request.arrived_on and request.arrived_on > timezone.localdate(since):
        yield Problem("arrived_on", CASE, _("The month of arrival is in the future: check it."))
    if request.urgency == Urgency.NEW_ARRIVAL:
        yield from _arrival(request, settings, timezone.localdate(since))


def _arrival(request: MediationRequest, settings: RequestSettings, today: date) -> Iterator[Problem]:
    if request.arrived_on is None:
        yield Problem(
            "arrived_on",
            CASE,
            _("The request is for a new arrival: write the month of arrival in Italy."),
            blocking=False,
        )
        return
    months = (today.year - request.arrived_on.year) * 12 + today.month - request.arrived_on.month
    if months > settings.new_arrival_months:
        yield Problem(
            "arrived_on",
            CASE,
            _("The arrival was %(months)s months ago: new arrivals are those of the last %(limit)s months.")
            % {"months": months, "limit": settings.new_arrival_months},
            blocking=False,
        )


def names_in(field: str, text: str) -> list[str]:
    """Return what looks like a name in a free text. A code is no sentence: its first capital letter is not forgiven."""
    return possible_names(f"· {text}" if field == "case_code" else text)


def names_sentence(names: Iterable[str]) -> str:
    """Say which words look like a name, and what to do."""
    return _("This may be a person’s name: %(names)s. Take it out, unless it is something else.") % {
        "names": ", ".join(f"“{words}”" for words in names)
    }


def nothing_private(request: MediationRequest, *, languages: list[Any], **_unused: Any) -> Iterator[Problem]:
    """No tax code, phone or address in free text; what looks like a name is pointed out."""
    for name, step in FREE_TEXT.items():
        for sentence in refusals(getattr(request, name)):
            yield Problem(name, step, sentence)
    for row in languages:
        for sentence in refusals(row.variety):
            yield Problem("languages", WHAT, sentence)
    for name in MAY_NAME:
        found = names_in(name, getattr(request, name))
        if found:
            yield Problem(
                name,
                FREE_TEXT[name],
                names_sentence(found),
                blocking=False,
                names=tuple(found),
            )


RULES = (who_asks, what_is_asked, how_long, where, when, family, case, nothing_private)
