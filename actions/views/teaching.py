# SPDX-License-Identifier: EUPL-1.2
"""The teachers of an activity: at each meeting who was planned, and who came instead."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from actions.enums import MeetingState
from actions.forms.teaching import AssignForm, SubstituteForm, TeacherForm
from actions.models import Activity, MeetingTeacher, Teacher
from actions.permissions import check_can_keep_register, check_can_keep_teacher
from actions.selectors import teaching as selectors
from actions.selectors.activities import closed_period_on, closed_periods_of, refusal
from actions.services import teaching as services
from actions.views.pages import activity_for, crumbs, form_page
from actions.workflow import check_activity_open
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError
from partners.permissions import organisations_with


def _offered(activity: Activity) -> dict[str, Any]:
    bodies = [(activity.organisation_id, activity.organisation.name)]
    if activity.venue is not None:
        bodies.append((activity.venue.pk, activity.venue.name))
    return {
        "teachers": list(selectors.teachers_for(activity)),
        "accounts": selectors.accounts_for(activity),
        "bodies": bodies,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def teachers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who teaches when; plan a teacher at several meetings at once."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    periods = closed_periods_of(activity)
    found = list(activity.meetings.exclude(state=MeetingState.CANCELLED).order_by("held_on", "starts_at", "pk"))
    taught = selectors.taught_meetings(found, lambda meeting: closed_period_on(periods, meeting.held_on))
    open_meetings = [one.meeting for one in taught if not one.closed]
    reason = refusal(lambda: check_activity_open(activity.state))
    address = reverse("actions:teachers", args=[activity.uuid])
    form = AssignForm(
        request.POST or None,
        meetings=open_meetings,
        **_offered(activity),
        initial={"meetings": [str(one.meeting.pk) for one in taught if not one.closed and not one.teachers]},
        cancel_url=activity.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            number = services.assign_teacher(
                activity=activity, teacher=_chosen(form), meetings=form.chosen, by=request.user
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request,
                ngettext("Planned at one meeting.", "Planned at %(number)s meetings.", number) % {"number": number}
                if number
                else _("The teacher was there already."),
            )
            return redirect(address)
    context = {
        "activity": activity,
        "programme": activity.programme,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Teachers")),
        "taught": taught,
        "closed": reason,
        "form": form if open_meetings and not reason else None,
        "people_columns": [
            Column(_("Teacher")),
            Column(_("Meetings here"), numeric=True),
            Column(_("State")),
            Column(_("What can be done"), hidden_label=True),
        ],
        "people_rows": _people(request.user, activity),
    }
    return render(request, "actions/teachers.html", context)


def _people(user: Any, activity: Activity) -> list[list[Any]]:
    own = {body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS)}
    return [
        [
            Lines(person.name, person.organisation.name),
            person.times,  # type: ignore[attr-defined]
            Pill(_("can be planned"), "success") if person.is_active else Pill(_("retired"), "secondary"),
            Link(_("Correct or retire"), reverse("actions:teacher-edit", args=[person.uuid]), hidden=person.name)
            if person.organisation_id in own
            else "",
        ]
        for person in selectors.people_of(activity)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def teacher_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the name of a teacher of the own body, or retire it."""
    person = get_object_or_404(selectors.teachers_of(request.user), uuid=uuid)
    check_can_keep_teacher(request.user, person)
    names = ("given_name", "family_name", "is_active")
    form = TeacherForm(
        request.POST or None,
        initial={name: getattr(person, name) for name in names},
        cancel_url=reverse("actions:activity-list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_teacher(
                teacher=person,
                **{name: form.cleaned_data[name] for name in names},
                by=request.user,
                today=clock.today(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The teacher is saved."))
            return redirect(request.path)
    context = {
        "form": form,
        "heading": _("Correct or retire a teacher"),
        "lead": _("Whoever is retired is no longer offered; the meetings that it held keep its name."),
        "kicker": person.organisation.name,
        "crumbs": crumbs(_("Correct or retire a teacher")),
    }
    return form_page(request, context)


def _chosen(form: SubstituteForm) -> Teacher | services.NewTeacher:
    return form.known or services.NewTeacher(**form.new_values())


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_teacher(request: HttpRequest, pk: int) -> HttpResponse:
    """One teacher at one meeting: who comes instead, or nobody."""
    visible = Activity.objects.visible_to(request.user).values("pk")
    row = get_object_or_404(
        MeetingTeacher.objects.filter(meeting__activity__in=visible).select_related(
            "teacher",
            "meeting__activity__organisation",
            "meeting__activity__venue",
            "meeting__activity__programme",
            "meeting__activity__activity_type",
        ),
        pk=pk,
    )
    activity = row.meeting.activity
    check_can_keep_register(request.user, activity)
    address = reverse("actions:teachers", args=[activity.uuid])
    form = SubstituteForm(request.POST or None, **_offered(activity), cancel_url=address)
    if "remove" in request.POST:
        try:
            services.remove_teacher(row=row, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The teacher is no longer at this meeting."))
        return redirect(address)
    if request.method == "POST" and form.is_valid():
        try:
            services.substitute_teacher(planned=row, teacher=_chosen(form), by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The substitute is recorded."))
            return redirect(address)
    day = f"{row.meeting.held_on:%d/%m/%Y}"
    context = {
        "activity": activity,
        "programme": activity.programme,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), (_("Teachers"), address), day),
        "row": row,
        "form": None if row.replaces_id or row.replaced else form,
        "address": request.path,
    }
    return render(request, "actions/meeting_teacher.html", context)
