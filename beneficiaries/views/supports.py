# SPDX-License-Identifier: EUPL-1.2
"""Whom an activity follows: the list with its quick form, taking in charge, what is due."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Activity
from actions.selectors.activities import refusal
from actions.selectors.notices import in_force, versions_for
from actions.workflow import check_activity_open
from beneficiaries import selectors
from beneficiaries.enums import NoticeReceiver, SupportKind
from beneficiaries.forms.supports import MOST_PERSONS, OpenForm, QuickForm
from beneficiaries.models import Beneficiary, Support
from beneficiaries.permissions import check_can_follow, keepers_of
from beneficiaries.selectors import supports as found_by
from beneficiaries.services import supports as services
from beneficiaries.services.enrolments import NewEnrolment
from beneficiaries.services.interventions import Work, record_intervention
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.registers import own_bodies
from beneficiaries.views.support_quick import name_of, quick_form_of
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted
from partners.models import Organisation

PAGE = 30


def activity_for(request: HttpRequest, uuid: UUID, *, desk: bool = False) -> Activity:
    """Return an activity that follows people (or is a desk): strangers find nothing, others than its body are told."""
    activity = get_object_or_404(
        Activity.objects.visible_to(request.user).with_type().select_related("venue"), uuid=uuid
    )
    if not (activity.has_contacts if desk else activity.has_supports):
        raise Http404
    check_can_follow(request.user, activity)
    return activity


def crumbs_of(activity: Activity, *more: Any) -> list[Any]:
    """Return the way back from the pages of supports."""
    return [
        (_("Activities"), reverse("actions:activity-list")),
        (activity.title, activity.get_absolute_url()),
        *more,
    ]


def record_seen(request: HttpRequest, activity: Activity | None, supports: Any, page: str) -> set[int]:
    """Record that the own codes of the persons of some supports are shown; return the bodies whose codes may be read."""
    people = {
        member.enrolment.beneficiary_id: member.enrolment.beneficiary for row in supports for member in row.people
    }
    return record_people(request, activity, list(people.values()), page)


def record_people(
    request: HttpRequest, activity: Activity | None, people: Sequence[Beneficiary], page: str
) -> set[int]:
    """Record that the own codes of some persons are shown; return the bodies whose codes may be read."""
    own = own_bodies(request.user)
    record_own_codes(by=request.user, own=own, page=page, subjects=people, activity=activity, at=clock.now())
    return own


@require_http_methods(["GET", "HEAD", "POST"])
def support_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The persons and households that an activity follows, those that go on first; the quick form of an intervention."""
    activity = activity_for(request, uuid)
    # After an intervention the form is ready for the next one, of the same day.
    going_on, figures = found_by.open_supports(activity)
    quick = quick_form_of(request.user, activity, going_on, request.POST or None, day=_day_asked(request))
    form = quick.form if quick else None
    if request.method == "POST" and form is not None and form.is_valid():
        if _recorded(request, form):
            day = f"{form.cleaned_data['held_on']:%Y-%m-%d}"
            return redirect(f"{reverse('beneficiaries:supports', args=[activity.uuid])}?day={day}")
    elif request.method == "POST" and form is None:
        messages.error(request, _("Nothing was recorded: nobody is followed in this activity any more."))
    page: Any = Paginator(found_by.supports_in(activity), PAGE).get_page(request.GET.get("page"))
    people = [member.enrolment.beneficiary for row in page for member in row.people]
    own = record_people(request, activity, [*people, *(quick.shown if quick else [])], "beneficiaries:supports")
    today = clock.today()
    refused = refusal(lambda: check_activity_open(activity.state))
    waiting = found_by.enrolled_without_support(activity).count()
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "page": page,
        "figures": [
            (_("Persons"), figures.persons),
            (_("Supports that go on"), figures.going_on),
            (_("Interventions"), figures.interventions),
            (_("Hours"), found_by.hours_of(figures.minutes)),
        ],
        "columns": [
            Column(_("Person or household")),
            Column(_("What for")),
            Column(_("Since"), nowrap=True),
            Column(_("Interventions"), numeric=True),
            Column(_("Last intervention"), nowrap=True),
            Column(_("To do next")),
            Column(_("State")),
        ],
        "rows": [_row(row, own, today) for row in page],
        "waiting": waiting
        and ngettext(
            "%(number)s enrolled person is not followed yet: take it in charge with its own code.",
            "%(number)s enrolled persons are not followed yet: take them in charge with their own codes.",
            waiting,
        )
        % {"number": waiting},
        "buttons": [
            Button(
                _("Take in charge"),
                reverse("beneficiaries:support-new", args=[activity.uuid]),
                style="outline-primary" if form else "primary",
                disabled_reason=refused,
            ),
            Button(
                _("Register a new recipient"),
                reverse("beneficiaries:enrol-new", args=[activity.uuid]),
                style="outline-primary",
                disabled_reason=refused,
            ),
            Button(_("What is due"), reverse("beneficiaries:support-due"), style="outline-primary"),
        ],
        "crumbs": crumbs_of(activity, _("Persons followed")),
    }
    return render(request, "beneficiaries/supports.html", context)


def _day_asked(request: HttpRequest) -> date | None:
    """Return the day of the intervention that was recorded last, as the address says it."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


def _recorded(request: HttpRequest, form: QuickForm) -> bool:
    """Record what the quick form says, for all who are in the support; a refusal stays at its field."""
    try:
        record_intervention(
            support=form.cleaned_data["support"],
            work=Work(**form.values()),
            key=form.submission_key,
            by=request.user,
            today=clock.today(),
        )
    except DomainError as error:
        form.add_refusal(error)
        return False
    messages.success(request, _("The intervention is recorded. The form is ready for the next one."))
    return True


def _row(support: Any, own: set[int], today: Any) -> list[Any]:
    dues = found_by.dues_of(support)
    return [
        Lines(
            Link(name_of(support, own), support.get_absolute_url()),
            ", ".join(found_by.words_of(support.people, own)) if support.code else "",
        ),
        support.get_kind_display(),
        support.opened_on,
        Lines(support.times, found_by.hours_of(support.minutes) if support.times else ""),
        support.last_on,
        Lines(dues[0].what, due_words(dues[0].due_on, today)) if dues else None,
        state_pill(support),
    ]


def due_words(day: Any, today: Any) -> str:
    """Return by when something is due, and whether the day has passed."""
    words = _("by %(day)s, overdue") if day < today else _("by %(day)s")
    return str(words % {"day": f"{day:%d/%m/%Y}"})


def state_pill(support: Support) -> Pill:
    """Return whether a support goes on, or how it ended."""
    if support.ended_on is None:
        return Pill(_("goes on"), "info")
    return Pill(support.get_outcome_display(), "success" if support.outcome == "reached" else "secondary")


@require_http_methods(["GET", "HEAD", "POST"])
def support_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take one person, or the members of a household, in charge; whoever is new in the activity is enrolled."""
    activity = activity_for(request, uuid)
    versions = versions_for(activity, texts=True)
    kinds = found_by.kinds_of(activity.activity_type)
    today = clock.today()
    day = min(max(today, activity.starts_on), activity.ends_on)
    holding = in_force(versions, day)
    form = OpenForm(
        request.POST or None,
        versions=versions,
        kinds=kinds,
        initial={
            "opened_on": day,
            "kind": kinds[0] if len(kinds) == 1 else "",
            "notice_version": holding[0].code if holding else "",
            "notice_given_to": NoticeReceiver.PERSON if SupportKind.SCHOOL_PATH not in kinds else NoticeReceiver.FAMILY,
            "notice_language": next(
                (text.language_id for one in versions for text in one.notice.texts.all() if text.language.code == "it"),
                None,
            ),
        },
        cancel_url=reverse("beneficiaries:supports", args=[activity.uuid]),
    )
    if request.method == "POST" and form.is_valid():
        entries = _entries(activity, form)
        if entries:
            try:
                support = services.open_support(
                    activity=activity,
                    kind=form.cleaned_data["kind"],
                    entries=entries,
                    opened_on=form.cleaned_data["opened_on"],
                    code=form.cleaned_data["code"],
                    key=form.submission_key,
                    by=request.user,
                    today=today,
                )
            except DomainError as error:
                form.add_refusal(error)
            else:
                messages.success(request, _("Taken in charge. You can record the first intervention here."))
                return redirect(support)
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "refused": refusal(lambda: check_activity_open(activity.state)),
        "new_url": reverse("beneficiaries:enrol-new", args=[activity.uuid]),
        "crumbs": crumbs_of(
            activity,
            (_("Persons followed"), reverse("beneficiaries:supports", args=[activity.uuid])),
            _("Take in charge"),
        ),
    }
    return render(request, "beneficiaries/support_new.html", context)


def _entries(activity: Activity, form: OpenForm) -> list[NewEnrolment]:
    """Return the recipients of the typed codes; what is wrong is said at the field, and none is returned."""
    codes = form.typed_codes()
    if len(codes) > MOST_PERSONS:
        form.add_error("codes", _("Write at most %(most)s persons at a time.") % {"most": MOST_PERSONS})
        return []
    bodies = list(Organisation.objects.filter(pk__in=keepers_of(activity)).order_by("pk"))
    found = [
        (code, selectors.find_beneficiary(programme_id=activity.programme_id, code=code, bodies=bodies))
        for code in codes
    ]
    unknown = [code for code, person in found if person is None]
    if unknown:
        form.add_error(
            "codes",
            _("Nobody of your body has the code %(codes)s. Check it, or register the recipient first.")
            % {"codes": ", ".join(f"“{code}”" for code in unknown[:5])},
        )
        return []
    day = form.cleaned_data["opened_on"]
    return [
        NewEnrolment(beneficiary=person, enrolled_on=day, **form.notice_values())
        for _code, person in found
        if person is not None
    ]


@require_safe
def support_due(request: HttpRequest) -> HttpResponse:
    """What is due for those whom the own bodies follow: next steps, and homes to be looked at again."""
    if not found_by.follows(request.user):
        raise NotPermitted(_("Only who keeps the registers of a body follows persons and households."))
    page = Paginator(found_by.dues_for(request.user), PAGE).get_page(request.GET.get("page"))
    own = record_seen(request, None, [due.support for due in page], "beneficiaries:support-due")
    today = clock.today()
    context = {
        "page": page,
        "columns": [
            Column(_("By"), nowrap=True),
            Column(_("Person or household")),
            Column(_("To do next")),
            Column(_("Activity")),
            Column(_("State")),
        ],
        "rows": [
            [
                due.due_on,
                Link(name_of(due.support, own), due.url),
                due.what,
                Lines(due.support.activity.title, due.support.get_kind_display()),
                Pill(_("overdue"), "danger") if due.due_on < today else Pill(_("to be done"), "info"),
            ]
            for due in page
        ],
        "crumbs": [(_("Activities"), reverse("actions:activity-list")), _("Follow-ups")],
    }
    return render(request, "beneficiaries/support_due.html", context)
