# SPDX-License-Identifier: EUPL-1.2
"""What a request says, in blocks of facts for people: its page, the check of one's answers, the pages without account.

A fact is (label, value, the field it comes from): pages that let one change it make a link of the field.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import MediationRequestKind
from beneficiaries.enums import LanguageLevel
from fami_portal.core.components import Lines, Link
from mediation.enums import CaseKind, Gender, Intervention, Mode, RequestChannel, RequestState, Urgency
from mediation.models import MediationRequest, RequestSlot
from mediation.selectors.request_rules import CASE, WHAT, WHEN, WHO, has_family, hours
from mediation.workflow import REQUEST

Fact = tuple[Any, Any, str]


@dataclass(frozen=True)
class Block:
    """A part of a request: the step of the form it comes from, its heading, its facts."""

    step: int
    title: Any
    facts: list[Fact]


def block_title(step: int) -> str:
    """Return the heading of a step of the form."""
    return {
        WHO: _("Who asks"),
        WHAT: _("What and for whom"),
        WHEN: _("When and where"),
        CASE: _("The case and the family"),
    }[step]


def interventions_in_words(codes: Iterable[str]) -> str:
    """Return the types of intervention, in the order in which they were chosen."""
    return "; ".join(str(Intervention(code).label) for code in codes if code in Intervention.values)


def languages_in_words(request: MediationRequest) -> str:
    """Return the languages with their varieties, the one needed most first (reads `languages`)."""
    rows = sorted(request.languages.all(), key=lambda row: (row.position, row.pk))
    return ", ".join(f"{row.language.name} ({row.variety})" if row.variety else row.language.name for row in rows)


def slot_in_words(slot: RequestSlot) -> str:
    """Return a proposed time, such as `Thursday 14 February 2019, 10:00–11:00`."""
    day = capfirst(date_format(slot.day, "l j F Y"))
    if slot.starts_at is None or slot.ends_at is None:
        return _("%(day)s, hour to be agreed") % {"day": day}
    return f"{day}, {time_format(slot.starts_at, 'H:i')}–{time_format(slot.ends_at, 'H:i')}"


def length_in_words(request: MediationRequest) -> str:
    """Return how long and how often, such as `2 meetings of 1 h 30 (3 h in all)`."""
    if not request.minutes_asked:
        return ""
    if request.sessions_asked == 1:
        return hours(request.minutes_asked)
    return _("%(number)s meetings of %(each)s (%(all)s in all)") % {
        "number": request.sessions_asked,
        "each": hours(request.session_minutes),
        "all": hours(request.minutes_asked),
    }


def blocks(request: MediationRequest, *, with_case: bool = True, with_judicial: bool = True) -> list[Block]:
    """Return the facts of a request by step; without the case, only what whoever was asked may know.

    Whether a court is involved (`with_judicial`) is for the service and the coordinators alone.
    """
    found = [
        Block(WHAT, block_title(WHAT), _what(request, with_case)),
        Block(WHEN, block_title(WHEN), _when(request, with_case)),
    ]
    if with_case:
        found.insert(0, Block(WHO, block_title(WHO), _who(request)))
        found.append(Block(CASE, block_title(CASE), _case(request, with_judicial)))
    return found


def _contact(name: str, role: str, email: str, phone: str) -> Any:
    second = " · ".join(part for part in (role, email, phone) if part)
    return Lines(name, second) if name else second


def _who(request: MediationRequest) -> list[Fact]:
    return [
        (
            _("Contact of the body"),
            _contact(request.contact_name, request.contact_role, request.contact_email, request.contact_phone),
            "contact_name",
        ),
        (
            _("Who will be there"),
            _contact(
                request.field_contact_name,
                request.field_contact_role,
                request.field_contact_email,
                request.field_contact_phone,
            ),
            "field_contact_name",
        ),
    ]


def _what(request: MediationRequest, with_case: bool) -> list[Fact]:
    facts: list[Fact] = [
        (_("Languages"), languages_in_words(request), "languages"),
        (_("Types of intervention"), interventions_in_words(request.interventions), "interventions"),
    ]
    if with_case:
        facts.append((_("Reason of the request"), request.reason, "reason"))
    urgency = Urgency(request.urgency).label
    told = with_case and request.urgency_reason
    facts.append((_("Urgency"), Lines(urgency, request.urgency_reason) if told else urgency, "urgency"))
    if request.mediator_gender:
        wanted = Gender(request.mediator_gender).label
        why = request.mediator_gender_reason if with_case else ""
        facts.append((_("Gender of the mediator"), Lines(wanted, why) if why else wanted, "mediator_gender"))
    if request.same_mediator is not None and with_case:
        outside = request.channel == RequestChannel.OUTSIDE
        label = _("Mediator with whom it was agreed") if outside else _("The same mediator again")
        facts.append((label, request.same_mediator.name, "same_mediator"))
    return facts


def _when(request: MediationRequest, with_case: bool) -> list[Fact]:
    slots = sorted(request.slots.all(), key=lambda slot: slot.position)
    facts: list[Fact] = [(_("Length"), length_in_words(request), "minutes_asked")]
    if not slots:
        facts.append((_("Proposed times"), "", "slot_0_day"))
    for number, slot in enumerate(slots, start=1):
        label = _("Proposed time %(number)s") % {"number": number} if len(slots) > 1 else _("Proposed time")
        facts.append((label, slot_in_words(slot), f"slot_{slot.position}_day"))
    if request.series_until:
        facts.append((_("Every week until"), request.series_until, "series_until"))
    facts.append((_("How"), Mode(request.mode).label, "mode"))
    if request.mode == Mode.VIDEO and request.video_link and with_case:
        facts.append((_("Address of the video call"), Link(request.video_link, request.video_link), "video_link"))
    if request.mode == Mode.IN_PERSON:
        town = request.municipality.name if request.municipality else ""
        facts.append((_("Place"), " – ".join(part for part in (request.place, town) if part), "place"))
    facts.append((_("Somebody of the body will be there"), request.operator_present, "operator_present"))
    if request.channel == RequestChannel.OUTSIDE:
        facts.append((_("Arranged outside the portal"), request.outside_reason or _("yes"), "outside_reason"))
    return facts


def _case(request: MediationRequest, with_judicial: bool) -> list[Fact]:
    facts: list[Fact] = []
    if request.is_group:
        families = request.families or 0
        number = ngettext("%(number)s family", "%(number)s families", families) % {"number": families}
        facts.append((_("For a group"), number if families else "", "families"))
    else:
        facts += _single_case(request)
    if request.kind == MediationRequestKind.SERVICE and with_judicial:
        facts.append((_("A proceeding of the judicial authority is open"), request.judicial, "judicial"))
    if has_family(request):
        facts.append((_("Family informed on"), request.family_informed_on, "family_informed_on"))
        facts.append((_("Version of the notice"), request.notice_version, "notice_version"))
    return facts


def _single_case(request: MediationRequest) -> list[Fact]:
    given: list[Fact] = [
        (_("Who the support is for"), _label(CaseKind, request.case_kind), "case_kind"),
        (_("Class"), request.school_class, "school_class"),
        (_("Year of birth"), str(request.birth_year or ""), "birth_year"),
        (_("Sex"), request.get_sex_display(), "sex"),
        (_("Citizenship"), request.citizenship.name if request.citizenship else "", "citizenship"),
        (_("Mother tongue"), request.mother_tongue.name if request.mother_tongue else "", "mother_tongue"),
        (
            _("Other language understood"),
            request.other_language.name if request.other_language else "",
            "other_language",
        ),
        (_("Arrived in Italy"), date_format(request.arrived_on, "F Y") if request.arrived_on else "", "arrived_on"),
        (_("Level of Italian"), _label(LanguageLevel, request.italian_level), "italian_level"),
    ]
    return [(_("Code of the case"), request.case_code, "case_code"), *(fact for fact in given if fact[1])]


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


# --- whose turn, and what comes next ---------------------------------------------------------------------------------


def whose_turn(request: MediationRequest) -> str:
    """Say in a sentence who has the turn."""
    if request.state in REQUEST.owners and request.closed_at is None and request.state != RequestState.VALIDATED:
        return _("It is the turn of %(whom)s.") % {"whom": REQUEST.owners[request.state]}
    return _("Nothing more is to be done.")


def what_next(request: MediationRequest) -> str:
    """Say in plain words what happens next, so that whoever asked knows what to wait for."""
    S = RequestState
    return {
        S.DRAFT: _("Fill in the four steps, check your answers and submit. A draft can wait: nothing is lost."),
        S.SUBMITTED: _("The head reads the request and authorises it. The hours asked are held for it meanwhile."),
        S.AUTHORISED: _("The coordinator of the network takes it in charge and looks for a mediator."),
        S.TAKEN_IN_CHARGE: _("The coordinator looks for a mediator who speaks the language and is free."),
        S.TO_COMPLETE: _("The coordinator needs something more: correct the request and submit it again."),
        S.ASSIGNING: _("The coordinator looks for a mediator who speaks the language and is free."),
        S.PROPOSED: _("A mediator has been asked and answers within the time given; otherwise the next is asked."),
        S.CONFIRMED: _("The mediator comes at the agreed time, and records the session afterwards."),
        S.RESCHEDULED: _("A new time has been proposed: until the other side answers, the old one stands."),
        S.HELD: _("The mediator writes and signs the report."),
        S.REPORTED: _("The school or service reads the report and countersigns it."),
        S.COUNTERSIGNED: _("The coordinator validates the report: the hours held become hours consumed."),
        S.VALIDATED: _("The work is done and counted. A correction needs the report to be reopened."),
        S.REOPENED: _("The mediator corrects the report, and both sides sign again."),
        S.REJECTED: _("The hours are free again. A copy can be submitted as a new request."),
        S.CANCELLED: _("The hours are free again, except what was charged. A copy can be submitted as a new request."),
        S.NOT_HELD: _("The hours are free again, except what was charged. A copy can be submitted as a new request."),
        S.EXPIRED: _("The hours are free again. A copy can be submitted with other days."),
    }[S(request.state)]


def waits_since(request: MediationRequest, now: Any) -> int:
    """Return for how many days the request has been in its state."""
    since = request.state_since or request.created_at
    return max((timezone.localdate(now) - timezone.localdate(since)).days, 0)
