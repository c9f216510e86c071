# SPDX-License-Identifier: EUPL-1.2
"""Pages of the legal questions and of the archive of answers."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import NotPermitted
from mediation import permissions
from mediation.enums import LegalQuestionState
from mediation.filters.consulting import LegalQuestionFilter
from mediation.forms.consulting import name_of
from mediation.forms.legal import NewQuestionForm, QuestionForm
from mediation.models import LegalQuestion
from mediation.selectors import consulting_access as access
from mediation.selectors import legal as selectors
from mediation.selectors.consulting import places
from mediation.services import legal as services
from mediation.views.consulting_pages import (
    Section,
    act_page,
    list_page,
    pill_of,
    posted,
    start_page,
    thing_page,
    version_of,
)
from mediation.workflow import LEGAL_QUESTION
from partners.permissions import holds

S = LegalQuestionState
HEADING = _("Legal questions")
FORM = require_http_methods(["GET", "HEAD", "POST"])


def _list_link() -> tuple[Any, str]:
    return HEADING, reverse("mediation:legal-question-list")


def _found(request: HttpRequest, uuid: UUID) -> LegalQuestion:
    return get_object_or_404(LegalQuestion.objects.visible_to(request.user).with_parts(), uuid=uuid)


@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """The questions that the person sees."""
    user = request.user
    if not access.sees_questions(user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    buttons = []
    if holds(user, Permission.ASK_LEGAL_QUESTIONS):
        buttons.append(Button(_("Ask a question"), reverse("mediation:legal-question-create")))
    if permissions.can_search_archive(user):
        buttons.append(Button(_("Search the archive"), reverse("mediation:legal-archive"), style="outline-primary"))
    return list_page(
        request,
        heading=HEADING,
        lead=_("Operators ask, the consultant answers. Search the archive first: somebody may have asked already."),
        filters=LegalQuestionFilter(request.GET, queryset=selectors.questions_for(user), request=request),
        columns=[
            Column(_("Question")),
            Column(_("Body")),
            Column(_("Area")),
            Column(_("Asked on"), nowrap=True),
            Column(_("State")),
        ],
        row=partial(_row, user),
        noun=_("questions"),
        empty=(_("No question here"), _("Change the filters, or ask a question.")),
        buttons=buttons,
    )


def _row(user: Any, row: LegalQuestion) -> list[Any]:
    title = row.title if selectors.can_read_question(user, row) else ""
    return [
        Lines(Link(row.number or _("Draft"), row.get_absolute_url()), title),
        Lines(row.organisation.name, row.network.name),
        row.get_area_display(),
        row.submitted_at.date() if row.submitted_at else None,
        pill_of(row.state, LEGAL_QUESTION),
    ]


@FORM
def question_create(request: HttpRequest) -> HttpResponse:
    """Begin a question as a draft."""
    if not holds(request.user, Permission.ASK_LEGAL_QUESTIONS):
        raise NotPermitted(_("Only operators of desks and services ask legal questions."))
    offered = places(request.user, MediationRequestKind.LEGAL, Permission.ASK_LEGAL_QUESTIONS, at=clock.now())
    form = NewQuestionForm(posted(request), places=offered, cancel_url=_list_link()[1])
    return start_page(
        request,
        form=form,
        start=services.start_question,
        done=_("Draft saved: check it and ask."),
        heading=_("Ask a legal question"),
        trail=[_list_link()],
        lead=_("Describe the situation, not the person."),
    )


@FORM
def question_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write in a draft."""
    found = _found(request, uuid)
    permissions.check_can_ask(request.user, found.organisation_id)
    initial = {name: getattr(found, name) for name in services.EDITABLE}
    form = QuestionForm(posted(request), initial=initial, version=found.version)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.save_question(
            question=found, values=form.values(), version=version_of(form), by=request.user
        ),
        done=_("Draft saved: check it and ask."),
        heading=_("Write the question"),
        list_link=_list_link(),
        possible=found.state == S.DRAFT,
    )


@require_safe
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question: text, clarifications, answer, what can be done."""
    found = _found(request, uuid)
    reads = selectors.can_read_question(request.user, found)
    sections = [Section("facts", _("Facts"), facts=_facts(found))]
    if reads:
        sections.append(Section("question", found.title, text=found.question))
        thread = list(found.messages.select_related("author").order_by("pk"))
        if thread:
            rows = [
                (
                    _("The consultant") if row.by_consultant else _("The operator"),
                    Lines(row.text, f"{row.written_at:%d/%m/%Y}"),
                )
                for row in thread
            ]
            sections.append(Section("clarifications", _("Clarifications"), facts=rows))
        if found.answer:
            sections.append(Section("answer", _("Answer"), text=found.answer))
        if found.archive_answer:
            sections.append(
                Section(
                    "archive",
                    _("Text for the archive"),
                    facts=[
                        (_("Title"), found.archive_title),
                        (_("Question"), found.archive_question),
                        (_("Answer"), found.archive_answer),
                    ],
                )
            )
    return thing_page(
        request,
        found,
        workflow=LEGAL_QUESTION,
        list_link=_list_link(),
        kicker=_("Legal question"),
        heading=found.number or _("Draft of a question"),
        sections=sections,
        buttons=_buttons(request.user, found),
    )


def _facts(found: LegalQuestion) -> list[tuple[Any, Any]]:
    return [
        (_("Body"), found.organisation.name),
        (_("Network"), found.network.name),
        (_("Area"), found.get_area_display()),
        (_("Asked on"), found.submitted_at),
        (_("Consultant"), name_of(found.consultant) if found.consultant else _("to be assigned")),
        (_("Answered on"), found.answered_at),
        (_("Answer accepted on"), found.accepted_at),
        (_("Published on"), found.published_at),
    ]


def _buttons(user: Any, found: LegalQuestion) -> list[Button]:
    address = partial(reverse, args=[found.uuid])
    buttons: list[Button] = []
    if permissions.can_ask(user, found.organisation_id):
        buttons += _asking(found, address)
    if permissions.coordinates(user, programme_id=found.programme_id, network_id=found.network_id):
        if found.state in (S.ASKED, S.ASSIGNED):
            label = _("Change the consultant") if found.consultant_id else _("Assign a consultant")
            buttons.append(Button(label, address("mediation:legal-question-assign")))
        if found.state == S.ANSWERED and found.accepted_at:
            refuse = "" if found.reviewed_at else _("The consultant has not prepared the text for the archive yet.")
            buttons.append(
                Button(
                    _("Publish in the archive"),
                    address("mediation:legal-question-publish"),
                    "post",
                    disabled_reason=refuse,
                )
            )
        if found.state == S.PUBLISHED:
            buttons.append(
                Button(
                    _("Take out of the archive"), address("mediation:legal-question-take-down"), style="outline-danger"
                )
            )
    if permissions.consults(user, found.consultant_id):
        if found.state == S.ASSIGNED:
            buttons += [
                Button(_("Answer"), address("mediation:legal-question-answer")),
                Button(
                    _("Ask for a clarification"), address("mediation:legal-question-clarify"), style="outline-primary"
                ),
            ]
        if found.state == S.ANSWERED and found.accepted_at:
            buttons.append(Button(_("Prepare the text for the archive"), address("mediation:legal-question-review")))
    return buttons


def _asking(found: LegalQuestion, address: Any) -> list[Button]:
    if found.state == S.DRAFT:
        return [
            Button(_("Check and ask"), address("mediation:legal-question-ask")),
            Button(_("Write the question"), address("mediation:legal-question-edit"), style="outline-primary"),
            Button(_("Throw the draft away"), address("mediation:legal-question-discard"), style="outline-danger"),
        ]
    buttons = []
    if found.state == S.TO_CLARIFY:
        buttons.append(Button(_("Give the clarification"), address("mediation:legal-question-clarify")))
    if found.state == S.ANSWERED:
        if not found.accepted_at:
            buttons.append(Button(_("The answer serves"), address("mediation:legal-question-accept"), "post"))
        buttons.append(
            Button(_("Ask for a clarification"), address("mediation:legal-question-clarify"), style="outline-primary")
        )
    if found.state in LEGAL_QUESTION.transitions["withdraw"].sources:
        buttons.append(
            Button(_("Withdraw the question"), address("mediation:legal-question-withdraw"), style="outline-danger")
        )
    return buttons
