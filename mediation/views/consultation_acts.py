# SPDX-License-Identifier: EUPL-1.2
"""Acts on ethnoclinical consultations: sent, withdrawn, assigned, answered, assessed, given back, closed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fami_portal.core import clock
from mediation import permissions
from mediation.enums import ConsultationSessionKind, ConsultationState
from mediation.forms.consultations import AssessmentForm, CloseForm, RemoveSessionForm, RestitutionForm, TriageForm
from mediation.forms.consulting import NoteForm, PersonForm
from mediation.models import Consultation
from mediation.selectors.consulting import consultants_for
from mediation.selectors.hours import in_hours
from mediation.services import consultation_sessions as session_services
from mediation.services import consultations as services
from mediation.views.consultations import FORM, found_for, list_link
from mediation.views.consulting_pages import REOPENING, act_page, discard_page, post_act, posted
from mediation.workflow import CONSULTATION

S = ConsultationState


@require_POST
def consultation_refer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the referral to the clinician."""
    found = found_for(request, uuid)
    return post_act(
        request,
        found,
        act=lambda: services.refer(consultation=found, by=request.user, at=clock.now()),
        done=_("Sent: whoever must answer has been told."),
    )


@FORM
def consultation_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away, after a confirmation."""
    found = found_for(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    return discard_page(
        request,
        found,
        act=lambda: services.discard_referral(consultation=found, by=request.user),
        list_link=list_link(),
    )


@require_POST
def consultation_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Withdraw a referral."""
    found = found_for(request, uuid)
    return post_act(
        request,
        found,
        act=lambda: services.cancel(consultation=found, by=request.user, at=clock.now()),
        done=_("The referral is withdrawn."),
    )


@FORM
def consultation_assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the case to a clinician."""
    found = found_for(request, uuid)
    permissions.check_coordinates(request.user, found)
    people = consultants_for(programme_id=found.programme_id, network_id=found.network_id)
    form = PersonForm(posted(request), people=people, label=_("Clinician"), initial_id=found.consultant_id)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.assign(
            consultation=found, consultant=form.cleaned_data["person"], by=request.user, at=clock.now()
        ),
        done=_("Assigned: the clinician has been told and can read the referral."),
        heading=_("Assign a clinician"),
        lead=_("Only this person, beside the service, will read the case."),
        list_link=list_link(),
        possible=found.state == S.REFERRED,
    )


@FORM
def consultation_triage(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer a referral: accept it, ask to complete it, or say that it is not pertinent."""
    found = found_for(request, uuid)
    permissions.check_is_clinician(request.user, found)
    form = TriageForm(posted(request))

    def act() -> None:
        data, shared = form.cleaned_data, {"consultation": found, "by": request.user, "at": clock.now()}
        if data["decision"] == "accept":
            services.accept(minutes=data["minutes"], note=data["note"], **shared)
        elif data["decision"] == "ask_to_complete":
            services.ask_to_complete(note=data["note"], **shared)
        else:
            services.turn_down(note=data["note"], **shared)

    return act_page(
        request,
        found,
        form=form,
        act=act,
        done=_("Answered: the service has been told."),
        heading=_("Answer the referral"),
        list_link=list_link(),
        possible=found.state == S.REFERRED,
    )


def _hours_so_far(found: Consultation) -> str:
    """Say what is planned and held, and at once when it is too much already."""
    said = gettext("%(planned)s are planned in all, the restitution included; %(held)s are recorded so far.") % {
        "planned": in_hours(found.minutes_planned),
        "held": in_hours(session_services.minutes_held(found)),
    }
    return f"{said} {session_services.beyond_planned(found)}".strip()


def _say_beyond(request: HttpRequest, found: Consultation) -> None:
    if sentence := session_services.beyond_planned(found):
        messages.warning(request, sentence)


@FORM
def consultation_session(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a session of assessment."""
    found = found_for(request, uuid)
    permissions.check_is_clinician(request.user, found)
    form = AssessmentForm(posted(request))

    def act() -> None:
        session_services.record_assessment(
            consultation=found, **form.values(), key=form.submission_key, by=request.user, at=clock.now()
        )
        _say_beyond(request, found)

    return act_page(
        request,
        found,
        form=form,
        act=act,
        done=_("The session is recorded."),
        heading=_("Record a session"),
        lead=_hours_so_far(found),
        list_link=list_link(),
        possible=found.state in (S.ACCEPTED, S.ASSESSMENT, S.REOPENED),
    )


@FORM
def consultation_session_remove(request: HttpRequest, uuid: UUID, session: UUID) -> HttpResponse:
    """Take away a session recorded by mistake."""
    found = found_for(request, uuid)
    permissions.check_is_clinician(request.user, found)
    row = get_object_or_404(found.sessions.filter(kind=ConsultationSessionKind.ASSESSMENT), uuid=session)
    form = RemoveSessionForm(posted(request))
    return act_page(
        request,
        found,
        form=form,
        act=lambda: session_services.remove_assessment(session=row, by=request.user, at=clock.now()),
        done=_("The session is taken away."),
        heading=_("Take a session away"),
        lead=_("The session of %(day)s, %(minutes)s minutes, was recorded by mistake.")
        % {"day": f"{row.held_on:%d/%m/%Y}", "minutes": row.minutes},
        list_link=list_link(),
        possible=found.state in (S.ASSESSMENT, S.REOPENED),
    )


@FORM
def consultation_restitution(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the restitution to the service."""
    found = found_for(request, uuid)
    permissions.check_is_clinician(request.user, found)
    kept = found.sessions.filter(kind=ConsultationSessionKind.RESTITUTION).first()
    initial = {name: getattr(kept, name) for name in RestitutionForm.base_fields if hasattr(kept, name)}
    form = RestitutionForm(posted(request), initial=initial)

    def act() -> None:
        session_services.give_back(consultation=found, **form.values(), by=request.user, at=clock.now())
        _say_beyond(request, found)

    return act_page(
        request,
        found,
        form=form,
        act=act,
        done=_("The restitution is given: the service has been told."),
        heading=_("Give the restitution"),
        lead=_hours_so_far(found),
        list_link=list_link(),
        possible=found.state in (S.ASSESSMENT, S.REOPENED),
    )


@FORM
def consultation_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close the consultation, which consumes its hours."""
    found = found_for(request, uuid)
    permissions.check_is_clinician(request.user, found)
    given_back = found.state == S.RESTITUTION or session_services.is_given_back(found)
    form = CloseForm(posted(request), given_back=given_back)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: session_services.close(
            consultation=found, outcome=form.cleaned_data["outcome"], by=request.user, at=clock.now()
        ),
        done=_("The consultation is closed: its hours are settled."),
        heading=_("Close the consultation"),
        lead=_(
            "The hours held are consumed in the account and enter the results; what was reserved and not held is free."
        ),
        list_link=list_link(),
        possible=found.state
        in CONSULTATION.transitions["close"].sources | CONSULTATION.transitions["interrupt"].sources,
    )


@FORM
def consultation_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a closed consultation again, so that the clinician corrects its days and hours."""
    found = found_for(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = NoteForm(
        posted(request),
        submit_label=_("Open it again"),
        style="danger",
        help_text=_("What is to be corrected in days and hours. All who see the acts read it: nothing of the case."),
    )
    return act_page(
        request,
        found,
        form=form,
        act=lambda: session_services.reopen(
            consultation=found, reason=form.cleaned_data["note"], by=request.user, at=clock.now()
        ),
        done=_("Open again: the clinician has been told. The figures stand until it is closed anew."),
        heading=_("Open it again"),
        lead=REOPENING,
        list_link=list_link(),
        possible=found.state == S.CLOSED,
    )
