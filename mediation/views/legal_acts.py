# SPDX-License-Identifier: EUPL-1.2
"""Acts on legal questions, and the archive of answers."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from fami_portal.core import clock
from fami_portal.core.errors import NotPermitted
from mediation import permissions
from mediation.enums import LegalQuestionState
from mediation.filters.consulting import ArchiveFilter
from mediation.forms.consulting import NO_NAMES, NoteForm, PersonForm
from mediation.forms.legal import AnswerForm, ArchiveForm, AskForm
from mediation.models import LegalQuestion
from mediation.selectors import legal as selectors
from mediation.selectors.consulting import consultants_for
from mediation.services import legal as services
from mediation.views.consulting_pages import (
    PAGE_SIZE,
    act_page,
    crumbs,
    discard_page,
    post_act,
    posted,
    version_of,
)
from mediation.views.legal import FORM, HEADING

S = LegalQuestionState


def _list_link() -> tuple[Any, str]:
    return HEADING, reverse("mediation:legal-question-list")


def _found(request: HttpRequest, uuid: UUID) -> LegalQuestion:
    return get_object_or_404(LegalQuestion.objects.visible_to(request.user).with_parts(), uuid=uuid)


@FORM
def question_ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the question; what looks like a name is pointed out first."""
    found = _found(request, uuid)
    permissions.check_can_ask(request.user, found.organisation_id)
    form = AskForm(posted(request))
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.ask(
            question=found, no_names=form.cleaned_data["no_names"], by=request.user, at=clock.now()
        ),
        done=_("Asked: the coordinator has been told."),
        heading=_("Ask the question"),
        lead=_("“%(title)s” goes to the coordinator, who gives it to a consultant.") % {"title": found.title},
        list_link=_list_link(),
        possible=found.state == S.DRAFT,
    )


@FORM
def question_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away, after a confirmation."""
    found = _found(request, uuid)
    permissions.check_can_ask(request.user, found.organisation_id)
    return discard_page(
        request, found, act=lambda: services.discard_question(question=found, by=request.user), list_link=_list_link()
    )


@FORM
def question_assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the question to a consultant."""
    found = _found(request, uuid)
    permissions.check_coordinates(request.user, found)
    people = consultants_for(programme_id=found.programme_id, network_id=found.network_id)
    form = PersonForm(posted(request), people=people, label=_("Consultant"), initial_id=found.consultant_id)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.assign(
            question=found, consultant=form.cleaned_data["person"], by=request.user, at=clock.now()
        ),
        done=_("Assigned: the consultant has been told."),
        heading=_("Assign a consultant"),
        list_link=_list_link(),
        possible=found.state in (S.ASKED, S.ASSIGNED),
    )


@FORM
def question_clarify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for a clarification or give it, by whose turn it is."""
    found = _found(request, uuid)
    if permissions.consults(request.user, found.consultant_id):
        act, possible, heading = services.ask_to_clarify, found.state == S.ASSIGNED, _("Ask for a clarification")
    else:
        permissions.check_can_ask(request.user, found.organisation_id)
        act = services.ask_again if found.state == S.ANSWERED else services.clarify
        possible = found.state in (S.ANSWERED, S.TO_CLARIFY)
        heading = _("Ask for a clarification") if found.state == S.ANSWERED else _("Give the clarification")
    form = NoteForm(posted(request), label=_("Text"), help_text=NO_NAMES, submit_label=_("Send"))
    return act_page(
        request,
        found,
        form=form,
        act=lambda: act(question=found, text=form.cleaned_data["note"], by=request.user, at=clock.now()),
        done=_("Sent: the other side has been told."),
        heading=heading,
        list_link=_list_link(),
        possible=possible,
    )


@FORM
def question_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the question."""
    found = _found(request, uuid)
    permissions.check_is_consultant(request.user, found)
    form = AnswerForm(posted(request), initial={"note": found.answer})
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.answer(question=found, text=form.cleaned_data["note"], by=request.user, at=clock.now()),
        done=_("Answer sent: the operator has been told."),
        heading=_("Answer the question"),
        list_link=_list_link(),
        possible=found.state == S.ASSIGNED,
    )


@require_POST
def question_accept(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the answer serves."""
    found = _found(request, uuid)
    return post_act(
        request,
        found,
        act=lambda: services.accept(question=found, by=request.user, at=clock.now()),
        done=_("Thank you: the answer is accepted."),
    )


@FORM
def question_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Withdraw a question."""
    found = _found(request, uuid)
    permissions.check_can_ask(request.user, found.organisation_id)
    form = NoteForm(posted(request), submit_label=_("Withdraw the question"), style="danger")
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.withdraw(
            question=found, reason=form.cleaned_data["note"], by=request.user, at=clock.now()
        ),
        done=_("The question is withdrawn."),
        heading=_("Withdraw the question"),
        list_link=_list_link(),
        possible=found.state in (S.ASKED, S.ASSIGNED, S.TO_CLARIFY),
    )


@FORM
def question_review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the text of the archive."""
    found = _found(request, uuid)
    permissions.check_is_consultant(request.user, found)
    initial = {
        "archive_title": found.archive_title or found.title,
        "archive_question": found.archive_question or found.question,
        "archive_answer": found.archive_answer or found.answer,
    }
    form = ArchiveForm(posted(request), initial=initial, version=found.version)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.review_for_archive(
            question=found,
            values=form.values(),
            version=version_of(form),
            no_names=form.cleaned_data["no_names"],
            by=request.user,
            at=clock.now(),
        ),
        done=_("Saved: the coordinator has been told that it can be published."),
        heading=_("Prepare the text for the archive"),
        lead=_("All operators of the programme will read it: take out whatever could tell whose case it was."),
        list_link=_list_link(),
        possible=found.state == S.ANSWERED and found.accepted_at is not None,
    )


@require_POST
def question_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Publish the text in the archive."""
    found = _found(request, uuid)
    return post_act(
        request,
        found,
        act=lambda: services.publish(question=found, by=request.user, at=clock.now()),
        done=_("Published: operators find it in the archive."),
    )


@FORM
def question_take_down(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an answer out of the archive."""
    found = _found(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = NoteForm(posted(request), submit_label=_("Take out of the archive"), style="danger")
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.take_down(
            question=found, reason=form.cleaned_data["note"], by=request.user, at=clock.now()
        ),
        done=_("It is no longer in the archive."),
        heading=_("Take out of the archive"),
        list_link=_list_link(),
        possible=found.state == S.PUBLISHED,
    )


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Search the published answers by words and area."""
    if not permissions.can_search_archive(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    found = ArchiveFilter(request.GET, queryset=selectors.archive_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter_form": found.form, "page": page, "crumbs": crumbs(_list_link(), _("Archive of answers"))}
    return render(request, "mediation/legal_archive.html", context)


@require_safe
def archived(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One published answer, without anything of the case."""
    if not permissions.can_search_archive(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    found = get_object_or_404(selectors.archive_for(request.user), uuid=uuid)
    trail = crumbs(_list_link(), (_("Archive of answers"), reverse("mediation:legal-archive")), found.archive_title)
    return render(request, "mediation/legal_archived.html", {"entry": found, "crumbs": trail})
