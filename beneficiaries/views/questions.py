# SPDX-License-Identifier: EUPL-1.2
"""Pages where a body confirms data of its own recipients. They know of no other record and of no other body."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from beneficiaries.forms.questions import QuestionForm
from beneficiaries.forms.recipients import version_of
from beneficiaries.models import PairQuestion
from beneficiaries.selectors import questions as selectors
from beneficiaries.services import questions as services
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.registers import own_bodies
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds

PAGE_SIZE = 50


def _pill(question: PairQuestion) -> Pill:
    if question.answered_at:
        return Pill(_("Confirmed"), "success")
    if question.closed_at:
        return Pill(_("Not needed any more"), "secondary")
    return Pill(_("To be answered"), "warning")


@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """What the own bodies are asked to confirm, the next due first."""
    check_holds(request.user, Permission.REGISTER_BENEFICIARIES)
    page = Paginator(selectors.open_questions(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    own = own_bodies(request.user)
    record_own_codes(
        by=request.user,
        own=own,
        page="beneficiaries:question-list",
        subjects=[row.beneficiary for row in page],
        at=clock.now(),
    )
    context = {
        "page": page,
        "columns": [
            Column(_("Recipient"), nowrap=True),
            Column(_("Target group")),
            Column(_("Answer by"), nowrap=True),
        ],
        "rows": [
            [
                Lines(
                    Link(row.beneficiary.pseudonym, row.get_absolute_url()),
                    row.beneficiary.local_code if row.beneficiary.registered_by_id in own else "",
                ),
                Lines(row.beneficiary.target_group.title, row.beneficiary.programme.title),
                row.due_on,
            ]
            for row in page
        ],
    }
    return render(request, "beneficiaries/question_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is asked of one own recipient; once it is answered, or not needed any more, only that."""
    found = get_object_or_404(selectors.questions_for(request.user), uuid=uuid)
    open_ = found.answered_at is None and found.closed_at is None
    form = None
    if open_ or request.method == "POST":
        form = QuestionForm(
            request.POST or None,
            version=found.version,
            schools=selectors.schools(),
            months=selectors.months_before(timezone.localdate(found.asked_at)),
            cancel_url=reverse("beneficiaries:question-list"),
        )
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            services.answer(
                question=found,
                version=version_of(form),
                answers=form.answers(),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("Thank you: what you confirmed helps to count each person once only."))
            return redirect("beneficiaries:question-list")
    return render(request, "beneficiaries/question.html", _context(request, found, form))


def _context(request: HttpRequest, found: PairQuestion, form: QuestionForm | None) -> dict[str, Any]:
    one = found.beneficiary
    own = own_bodies(request.user)
    record_own_codes(by=request.user, own=own, page="beneficiaries:question", subjects=[one], at=clock.now())
    ended = _("You have confirmed these data: there is nothing else to do.")
    if found.answered_at is None:
        ended = _("These data are not needed any more: there is nothing to do.")
    return {
        "form": form,
        "heading": one.pseudonym,
        "pill": _pill(found),
        "facts": [
            (_("Recipient"), Link(one.pseudonym, one.get_absolute_url())),
            *([(_("Own code"), one.local_code)] if one.registered_by_id in own else []),
            (_("Target group"), one.target_group.title),
            (_("Programme"), one.programme.title),
            (_("Answer by"), found.due_on),
        ],
        "ended": ended,
        "crumbs": [(_("Data to confirm"), reverse("beneficiaries:question-list")), one.pseudonym],
    }
