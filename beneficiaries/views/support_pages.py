# SPDX-License-Identifier: EUPL-1.2
"""One support: its chronology and quick form, corrections, the household, the school path, the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.models import Activity
from actions.selectors.activities import closed_period_on, closed_periods_of, refusal
from actions.workflow import check_activity_open
from beneficiaries.enums import SupportKind
from beneficiaries.forms.recipients import version_of
from beneficiaries.forms.supports import (
    CorrectionForm,
    InterventionForm,
)
from beneficiaries.models import Intervention, Support
from beneficiaries.permissions import check_can_follow
from beneficiaries.selectors import supports as found_by
from beneficiaries.services import interventions as work
from beneficiaries.services import supports as services
from beneficiaries.views.support_quick import name_of, operators_for
from beneficiaries.views.supports import crumbs_of, due_words, record_seen, state_pill
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import DomainError, StaleError


def support_for(request: HttpRequest, uuid: UUID) -> Any:
    """Return a support with its people: strangers find nothing, others than its body are told."""
    found = get_object_or_404(
        found_by.with_work(
            Support.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk"))
        ).select_related(
            "activity", "activity__activity_type", "activity__programme", "activity__organisation", "activity__network"
        ),
        uuid=uuid,
    )
    check_can_follow(request.user, found.activity)
    return found


def members_for(support: Any, own: set[int]) -> list[tuple[int, str]]:
    """Return the persons of a support that are there, as a form offers them."""
    return [
        (member.enrolment_id, member.enrolment.beneficiary.code_for(own) or member.enrolment.beneficiary.pseudonym)
        for member in support.people
        if member.until is None
    ]


def crumbs(support: Any, *more: Any) -> list[Any]:
    """Return the way back from a support: its activity, whom it follows."""
    activity = support.activity
    return crumbs_of(activity, (_("Persons followed"), reverse("beneficiaries:supports", args=[activity.uuid])), *more)


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One support: facts, what is due, its chronology, the quick form of the next intervention."""
    found = support_for(request, uuid)
    activity = found.activity
    own = record_seen(request, activity, [found], "beneficiaries:support")
    members = members_for(found, own)
    today = clock.today()
    refused = refusal(lambda: check_activity_open(activity.state)) or refusal(lambda: services.check_goes_on(found))
    form = InterventionForm(
        request.POST or None,
        kinds=found_by.intervention_kinds(found.kind),
        operators=operators_for(activity, request.user),
        members=members,
        initial={
            "held_on": min(max(today, activity.starts_on), activity.ends_on),
            "operator": request.user.pk,
            # Whoever comes from the follow-ups finds the one that is due.
            "kind": request.GET.get("kind", ""),
            "persons": [str(pk) for pk, _code in members],
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            work.record_intervention(
                support=found, work=work.Work(**form.values()), key=form.submission_key, by=request.user, today=today
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The intervention is recorded."))
            return redirect(found)
    interventions = list(found_by.interventions_of(found))
    closed = closed_periods_of(activity)
    context = {
        "support": found,
        "activity": activity,
        "programme": activity.programme,
        "name": name_of(found, own),
        "pill": state_pill(found),
        "form": None if refused else form,
        "refused": refused,
        "facts": _facts(found, own, today),
        "members": _member_rows(found, own, writes=not refused) if found.code else [],
        "member_columns": [
            Column(_("Person")),
            Column(_("Since"), nowrap=True),
            Column(_("Until"), nowrap=True),
            Column(_("Left the household?"), hidden_label=True),
        ],
        "columns": [
            Column(_("Day"), nowrap=True),
            Column(_("What was done")),
            Column(_("Minutes"), numeric=True),
            Column(_("What came of it")),
            Column(_("Next step")),
            Column(_("Operator")),
        ],
        "rows": [_row(row, own, found, closed, writes=not refused) for row in interventions],
        "buttons": _buttons(found, refused),
        "crumbs": crumbs(found, name_of(found, own)),
    }
    return render(request, "beneficiaries/support.html", context)


def _facts(found: Any, own: set[int], today: Any) -> list[tuple[Any, Any]]:
    dues = found_by.dues_of(found)
    person = found.people[0].enrolment.beneficiary if found.people else None
    rows: list[tuple[Any, Any]] = [(_("What for"), found.get_kind_display())]
    if not found.code and person is not None:
        rows.append((_("Recipient"), Link(person.pseudonym, person.get_absolute_url())))
    rows += [
        (_("Taken in charge on"), found.opened_on),
        (_("Interventions"), f"{found.times} ({found_by.hours_of(found.minutes)})"),
    ]
    rows += [(_("To do next"), Lines(due.what, due_words(due.due_on, today))) for due in dues]
    if found.kind == SupportKind.SCHOOL_PATH:
        rows += [
            (_("Path advised"), _("recorded") if found.path_advised else _("not yet")),
            (_("Path chosen"), _("recorded") if found.path_chosen else _("not yet")),
        ]
    if found.ended_on:
        rows += [
            (_("Ended on"), found.ended_on),
            (_("How it ended"), Lines(found.get_outcome_display(), found.end_note)),
        ]
    return rows


def _member_rows(found: Any, own: set[int], *, writes: bool) -> list[list[Any]]:
    rows = []
    for member in found.people:
        person = member.enrolment.beneficiary
        code = person.code_for(own) or person.pseudonym
        leave = Link(_("Leaves the household"), reverse("beneficiaries:support-leave", args=[member.pk]), hidden=code)
        rows.append(
            [
                Link(code, person.get_absolute_url()),
                member.since,
                member.until,
                leave if writes and member.until is None else "",
            ]
        )
    return rows


def _row(row: Intervention, own: set[int], found: Any, closed: Any, *, writes: bool) -> list[Any]:
    people = [one.enrolment.beneficiary for one in row.persons.all()]
    here = [person.code_for(own) or person.pseudonym for person in people]
    day = f"{row.held_on:%d/%m/%Y}"
    period = closed_period_on(closed, row.held_on)
    correct = writes and period is None
    return [
        Lines(
            Link(day, reverse("beneficiaries:intervention", args=[row.uuid]), hidden=_("correct")) if correct else day,
            _("closed with %(period)s") % {"period": period.code} if period else "",
        ),
        Lines(row.get_kind_display(), ", ".join(here) if found.code else ""),
        row.minutes,
        Lines(row.get_outcome_display(), row.note),
        Lines(row.next_step, _("by %(day)s") % {"day": f"{row.next_step_on:%d/%m/%Y}"}) if row.next_step_on else None,
        row.operator.full_name,
    ]


def _buttons(found: Any, refused: str) -> list[Button]:
    def address(name: str) -> str:
        return reverse(f"beneficiaries:{name}", args=[found.uuid])

    if found.ended_on is not None:
        again = Button(_("Open again"), address("support-reopen"), method="post", style="outline-primary")
        path = [Button(_("Record the path"), address("support-path"), style="outline-primary")]
        return [again, *(path if found.kind == SupportKind.SCHOOL_PATH else [])]
    buttons = []
    if found.code:
        buttons.append(
            Button(
                _("Add to the household"), address("support-member"), style="outline-primary", disabled_reason=refused
            )
        )
    if found.kind == SupportKind.SCHOOL_PATH:
        buttons.append(Button(_("Record the path"), address("support-path"), style="outline-primary"))
    return [*buttons, Button(_("End the support"), address("support-end"), style="outline-danger")]


@require_http_methods(["GET", "HEAD", "POST"])
def intervention(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct one intervention, or take it away."""
    row = get_object_or_404(
        Intervention.objects.filter(
            support__activity__in=Activity.objects.visible_to(request.user).values("pk")
        ).select_related("support"),
        uuid=uuid,
    )
    found = support_for(request, row.support.uuid)
    own = record_seen(request, found.activity, [found], "beneficiaries:support")
    persons = list(row.persons.values_list("enrolment_id", flat=True).order_by("pk"))
    there = [
        (one.enrolment_id, one.enrolment.beneficiary.code_for(own) or one.enrolment.beneficiary.pseudonym)
        for one in found.people
    ]
    form = CorrectionForm(
        request.POST or None,
        kinds=found_by.intervention_kinds(found.kind),
        operators=operators_for(found.activity, request.user, row.operator_id),
        members=there,
        version=row.version,
        initial={
            name: getattr(row, name)
            for name in ("held_on", "minutes", "kind", "outcome", "note", "next_step", "next_step_on")
        }
        | {"operator": row.operator_id, "persons": [str(pk) for pk in persons]},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and "remove" in request.POST:
        return _removed(request, found, row)
    if request.method == "POST" and form.is_valid():
        try:
            work.update_intervention(
                intervention=row,
                version=version_of(form),
                work=work.Work(**form.values()),
                by=request.user,
                today=clock.today(),
            )
        except StaleError as error:
            form.add_refusal(error, version=Intervention.objects.get(pk=row.pk).version)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The intervention is corrected."))
            return redirect(found)
    day = f"{row.held_on:%d/%m/%Y}"
    context = {
        "form": form,
        "row": row,
        "activity": found.activity,
        "programme": found.activity.programme,
        "heading": _("Intervention of %(day)s") % {"day": day},
        "kicker": name_of(found, own),
        "crumbs": crumbs(found, (name_of(found, own), found.get_absolute_url()), day),
    }
    return render(request, "beneficiaries/intervention.html", context)


def _removed(request: HttpRequest, found: Any, row: Intervention) -> HttpResponse:
    text = request.POST.get("version", "")
    try:
        work.remove_intervention(intervention=row, version=int(text) if text.isdigit() else -1, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("beneficiaries:intervention", row.uuid)
    messages.success(request, _("The intervention is taken away."))
    return redirect(found)
