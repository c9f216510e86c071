# SPDX-License-Identifier: EUPL-1.2
"""Pages of enrolments: somebody known, somebody new, levels, withdrawal."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from actions.enums import Sheet
from actions.models import Activity
from actions.selectors.activities import refusal
from actions.selectors.notices import Version, in_force, roles_shown, versions_for
from actions.workflow import check_activity_open
from beneficiaries import selectors
from beneficiaries.enums import NoticeReceiver, WithdrawalReason
from beneficiaries.forms.recipients import EnrolKnownForm, EnrolNewForm, LevelsForm
from beneficiaries.forms.sheets import EnrolOperatorForm, EnrolThirdCountryForm
from beneficiaries.models import Enrolment
from beneficiaries.permissions import (
    check_can_enrol,
    check_can_view_register,
    registering_bodies,
)
from beneficiaries.selectors.certificates import certificates_of
from beneficiaries.selectors.sheets import Way, ways_of
from beneficiaries.services import enrolments as services
from beneficiaries.services.registration import Names, register_and_enrol
from beneficiaries.services.sheets import OperatorFacts, ThirdCountryFacts
from beneficiaries.views.registers import activity_for, called, own_bodies
from fami_portal.core import clock
from fami_portal.core.components import Button, Lines, Link, Pill
from fami_portal.core.errors import DomainError


def crumbs_of(activity: Activity, *more: Any) -> list[Any]:
    return [
        (_("Activities"), reverse("actions:activity-list")),
        (activity.title, activity.get_absolute_url()),
        (_("Register"), reverse("beneficiaries:register", args=[activity.uuid])),
        *more,
    ]


def _initial(activity: Activity, versions: Sequence[Version]) -> dict[str, Any]:
    """Return what is probably the same as for the one enrolled before."""
    last = activity.enrolments.order_by("-pk").first()
    today = timezone.localdate()
    day: date = min(max(today, activity.starts_on), activity.ends_on)
    italian = next(
        (text.language_id for one in versions for text in one.notice.texts.all() if text.language.code == "it"), None
    )
    if last is not None and last.notice_id is not None:
        return {
            "enrolled_on": last.enrolled_on,
            "notice_version": last.notice_version,
            "notice_given_on": last.notice_given_on,
            "notice_given_to": last.notice_given_to,
            "notice_language": last.notice_language_id or italian,
        }
    holding = in_force(versions, day)
    return {
        "enrolled_on": last.enrolled_on if last else day,
        "notice_version": holding[0].code if holding else "",
        "notice_given_to": NoticeReceiver.FAMILY,
        "notice_language": italian,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Enrol a recipient that is registered already, by own code or pseudonym."""
    activity = activity_for(request, uuid)
    check_can_enrol(request.user, activity)
    address = reverse("beneficiaries:register", args=[activity.uuid])
    versions = versions_for(activity, texts=True)
    form = EnrolKnownForm(
        request.POST or None, versions=versions, initial=_initial(activity, versions), cancel_url=address
    )
    if request.method == "POST" and form.is_valid():
        beneficiary = selectors.find_beneficiary(
            programme_id=activity.programme_id,
            code=form.cleaned_data["code"],
            bodies=registering_bodies(request.user, activity),
        )
        if beneficiary is None:
            form.add_error("code", _("Nobody in this programme has this code. Check it, or register a new recipient."))
        else:
            try:
                enrolment = services.enrol(
                    activity=activity, beneficiary=beneficiary, **form.enrolment_values(), by=request.user
                )
            except DomainError as error:
                form.add_refusal(error)
            else:
                return _done(request, activity, enrolment, "beneficiaries:enrol")
    return _page(request, activity, form, versions)


FORMS = {Sheet.THIRD_COUNTRY: EnrolThirdCountryForm, Sheet.OPERATORS: EnrolOperatorForm}
FACTS = {Sheet.THIRD_COUNTRY: ThirdCountryFacts, Sheet.OPERATORS: OperatorFacts}


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Register a recipient and enrol it, with the form of its group (`?group=`)."""
    activity = activity_for(request, uuid)
    check_can_enrol(request.user, activity)
    bodies = registering_bodies(request.user, activity)
    ways = ways_of(activity, bodies)
    if not ways:
        raise Http404
    versions = versions_for(activity, texts=True)
    asked = request.GET.get("group")
    way = next((way for way in ways if asked in [group.code for group in way.groups]), ways[0])
    form = FORMS.get(way.sheet, EnrolNewForm)(
        request.POST or None,
        bodies=bodies,
        groups=selectors.groups_of_persons(activity.programme_id).filter(pk__in=[group.pk for group in way.groups]),
        countries=selectors.countries(),
        codes=way.papers,
        versions=versions,
        initial=_initial(activity, versions)
        | ({"target_group": way.groups[0]} if len(way.groups) == 1 else {})
        | ({"notice_given_to": NoticeReceiver.PERSON} if way.sheet else {}),
        cancel_url=reverse("beneficiaries:register", args=[activity.uuid]),
    )
    if request.method == "POST" and form.is_valid():
        typed = form.name_values()
        try:
            registered = register_and_enrol(
                activity=activity,
                **form.person_values(),
                **form.enrolment_values(),
                names=Names(**typed) if typed else None,
                facts=FACTS[way.sheet](**form.facts()) if way.sheet else None,
                permit=form.cleaned_data.get("permit"),
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            if registered.already_present:
                messages.info(request, _("This person is already in the programme: it counts once."))
            for warning in form.warnings():
                messages.warning(request, warning)
            return _done(request, activity, registered.enrolment, "beneficiaries:enrol-new", way)
    return _page(request, activity, form, versions, ways=ways, way=way)


def _done(
    request: HttpRequest, activity: Activity, enrolment: Enrolment, url_name: str, way: Way | None = None
) -> HttpResponse:
    """Say who was enrolled and whether it counts; the form opens again for the next one."""
    beneficiary = enrolment.beneficiary
    messages.success(
        request,
        _("Enrolled: %(code)s, pseudonym %(pseudonym)s. You can go on with the next one.")
        % {
            "code": beneficiary.local_code if beneficiary.registered_by_id in own_bodies(request.user) else "–",
            "pseudonym": beneficiary.pseudonym,
        },
    )
    earning = selectors.earning_types([selectors.group_of(enrolment).pk])
    reasons = selectors.why_enrolment_not_counted(enrolment, earning)
    if reasons:
        messages.warning(
            request,
            _("%(pseudonym)s takes part but is not counted: %(reasons)s.")
            % {"pseudonym": beneficiary.pseudonym, "reasons": "; ".join(str(reason) for reason in reasons)},
        )
    address = reverse(url_name, args=[activity.uuid])
    return redirect(address + (f"?group={way.code}" if way and "group" in request.GET else ""))


# What each form of registration is called beside the others.
WAYS = {
    Sheet.THIRD_COUNTRY: _("Adult, with permit"),
    Sheet.OPERATORS: _("Operator in training"),
    "": _("Without papers"),
}


def _page(
    request: HttpRequest,
    activity: Activity,
    form: Any,
    versions: Sequence[Version],
    *,
    ways: Sequence[Way] = (),
    way: Way | None = None,
) -> HttpResponse:
    new_url = reverse("beneficiaries:enrol-new", args=[activity.uuid])
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "new": way is not None,
        "ways": [
            (
                WAYS[one.sheet] if len(one.groups) > 1 or one.sheet else one.groups[0].title,
                ", ".join(group.title for group in one.groups),
                f"{new_url}?group={one.code}",
                one is way,
            )
            for one in ways
        ],
        "refused": refusal(lambda: check_activity_open(activity.state)),
        "notices": [
            (notice.code, notice.get_absolute_url())
            for notice in in_force(versions, min(max(clock.today(), activity.starts_on), activity.ends_on))
        ],
        "notice_required": activity.programme.notice_required,
        "notice_url": reverse("actions:notice-list", args=[activity.programme.slug]),
        "roles": [
            (role.get_role_display(), role.organisation.name)
            for role in roles_shown(activity.programme_id, [activity.organisation_id, activity.venue_id])
        ],
        "known_url": reverse("beneficiaries:enrol", args=[activity.uuid]),
        "new_url": new_url,
        "crumbs": crumbs_of(activity, _("Enrol a recipient")),
    }
    return render(request, "beneficiaries/enrol.html", context)


def enrolment_for(request: HttpRequest, pk: int) -> Enrolment:
    """Return an enrolment of an activity whose register the person may read."""
    found = get_object_or_404(
        Enrolment.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk")).select_related(
            "activity",
            "activity__activity_type",
            "activity__programme",
            "beneficiary",
            "beneficiary__registered_by",
            "beneficiary__target_group",
            "notice_language",
        ),
        pk=pk,
    )
    check_can_view_register(request.user, found.activity)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """One enrolment: its facts, the levels of Italian, the withdrawal."""
    found = enrolment_for(request, pk)
    check_can_enrol(request.user, found.activity)
    names = [one.name for one in fields(services.Levels)]
    form = LevelsForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_levels(
                enrolment=found,
                levels=services.Levels(**{name: form.cleaned_data[name] for name in names}),
                by=request.user,
                today=clock.today(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The levels are saved."))
            return redirect("beneficiaries:register", found.activity.uuid)
    withdrawn = found.withdrawn_on is not None
    reason = refusal(lambda: check_activity_open(found.activity.state))
    back = Button(
        _("Cancel the withdrawal"),
        reverse("beneficiaries:withdrawal-cancel", args=[found.pk]),
        method="post",
        style="outline-primary",
        disabled_reason=reason,
    )
    out = Button(
        _("Record the withdrawal"),
        reverse("beneficiaries:withdraw", args=[found.pk]),
        style="outline-danger",
        disabled_reason=reason,
    )
    context = {
        "enrolment": found,
        "programme": found.activity.programme,
        "form": form,
        "called": called(request.user, found),
        "pill": _standing(found),
        "crumbs": crumbs_of(found.activity, found.beneficiary.pseudonym),
        "facts": [
            (_("Recipient"), Link(found.beneficiary.pseudonym, found.beneficiary.get_absolute_url())),
            (_("Target group"), selectors.group_of(found).title),
            (_("Enrolled on"), found.enrolled_on),
            (_("Privacy notice"), _notice_words(found)),
            *[
                (
                    _("Certificate of guidance") if one.interventions else _("Certificate of attendance"),
                    Lines(
                        _("issued on %(day)s") % {"day": f"{one.issued_on:%d/%m/%Y}"},
                        _("No. %(number)s") % {"number": one.code},
                    ),
                )
                for one in certificates_of(found)
            ],
            *(
                [
                    (_("Withdrawn on"), found.withdrawn_on),
                    (_("Reason for the withdrawal"), Lines(*_withdrawal_words(found))),
                ]
                if withdrawn
                else []
            ),
        ],
        "buttons": [
            Button(
                _("Correct the day"),
                reverse("beneficiaries:enrolment-day", args=[found.pk]),
                style="outline-primary",
                disabled_reason=reason,
            ),
            back if withdrawn else out,
        ],
    }
    return render(request, "beneficiaries/enrolment.html", context)


def _standing(enrolment: Enrolment) -> Pill:
    if enrolment.withdrawal_code == WithdrawalReason.MISTAKE:
        return Pill(_("enrolled by mistake"), "warning")
    return Pill(_("withdrawn"), "warning") if enrolment.withdrawn_on else Pill(_("enrolled"), "success")


def _withdrawal_words(enrolment: Enrolment) -> list[Any]:
    words = [enrolment.get_withdrawal_code_display(), enrolment.withdrawal_reason]
    return [word for word in words if word] or ["–"]


def _notice_words(enrolment: Enrolment) -> Any:
    if enrolment.notice_given_on is None:
        return _("none: the programme asks for none")
    words = _("version %(version)s, given on %(day)s") % {
        "version": enrolment.notice_version,
        "day": f"{enrolment.notice_given_on:%d/%m/%Y}",
    }
    how = [enrolment.get_notice_given_to_display(), enrolment.notice_language.name if enrolment.notice_language else ""]
    return Lines(words, ", ".join(str(word) for word in how if word))
