# SPDX-License-Identifier: EUPL-1.2
"""Pages of possible duplicates: the queue, one pair, the decision and its undoing. Never a name."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from beneficiaries.enums import PairState, QuestionsEnd, ReadKind, Similarity
from beneficiaries.filters import PairFilter
from beneficiaries.forms.pairs import DecisionForm
from beneficiaries.forms.recipients import version_of
from beneficiaries.models import Beneficiary, Pair
from beneficiaries.selectors.pairs import asked_until, explanation, known_records, merge_of, pairs_for, records_of
from beneficiaries.services import merging as services
from beneficiaries.services.reading import record_readings
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds

PAGE_SIZE = 50
STATES = {
    PairState.OPEN: "warning",
    PairState.ASKED: "info",
    PairState.MERGED: "success",
    PairState.APART: "secondary",
}
BANDS = {Similarity.HIGH: "danger", Similarity.MEDIUM: "warning", Similarity.LOW: "secondary"}
HIDDEN = _("not shown to you")


def _state(pair: Pair) -> Pill:
    state = PairState(pair.state)
    return Pill(state.label, STATES[state])


def _band(pair: Pair) -> Pill:
    band = Similarity(pair.similarity)
    return Pill(band.label, BANDS[band])


def _title(pair: Pair) -> str:
    return f"{pair.first.pseudonym} – {pair.second.pseudonym}"


def _agreeing(pair: Pair) -> str:
    return capfirst("; ".join(str(words) for words in explanation(pair)))


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Possible duplicates"), reverse("beneficiaries:pair-list")), *more]


@require_safe
def pair_list(request: HttpRequest) -> HttpResponse:
    """The pairs on which the person decides, those to be looked at first."""
    check_holds(request.user, Permission.DECIDE_DUPLICATES)
    found = PairFilter(request.GET, queryset=pairs_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    known = known_records(request.user, page)

    def body(record: Beneficiary) -> Any:
        return record.registered_by.name if record.pk in known else HIDDEN

    context = {
        "filter_form": found.form,
        "page": page,
        "columns": [
            Column(_("Recipients"), nowrap=True),
            Column(_("Registered by")),
            Column(_("What agrees")),
            Column(_("Similarity")),
            Column(_("Found on"), nowrap=True),
            Column(_("State")),
        ],
        "rows": [
            [
                Link(_title(row), row.get_absolute_url()),
                Lines(body(row.first), "" if row.first.registered_by == row.second.registered_by else body(row.second)),
                _agreeing(row),
                _band(row),
                timezone.localdate(row.found_at),
                _state(row),
            ]
            for row in page
        ],
    }
    return render(request, "beneficiaries/pair_list.html", context)


def _pair_for(request: HttpRequest, uuid: UUID) -> Pair:
    return get_object_or_404(pairs_for(request.user), uuid=uuid)


@require_safe
def pair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One pair: what agrees, the two records side by side as far as the person may know them, what was decided."""
    found = _pair_for(request, uuid)
    known = known_records(request.user, [found])
    records = list(records_of(found))
    # Citizenship and gender beside a pseudonym let a person be recognised (ADR 16).
    record_readings(
        by=request.user,
        kind=ReadKind.PAGE,
        page="beneficiaries:pair",
        subjects=[record for record in records if record.pk in known],
        at=clock.now(),
    )
    facts = [
        (_("Programme"), found.programme.title),
        (_("What agrees"), _agreeing(found)),
        (_("Similarity"), _band(found)),
        (_("Found on"), timezone.localdate(found.found_at)),
    ]
    if due := asked_until(found):
        facts.append((_("The two bodies answer by"), due))
    if found.questions_end:
        facts.append((_("Questions to the bodies"), found.get_questions_end_display()))
    if found.decided_at:
        facts += [
            (_("Decided by"), found.decided_by.full_name if found.decided_by else _by_rule(found)),
            (_("Decided on"), timezone.localdate(found.decided_at)),
            *([(_("Reason"), found.reason)] if found.reason else []),
        ]
    context = {
        "pair": found,
        "heading": _title(found),
        "pill": _state(found),
        "crumbs": _crumbs(_title(found)),
        "programme": found.programme,
        "facts": facts,
        "buttons": _buttons(found),
        "columns": [
            Column(_("Recipient"), nowrap=True),
            Column(_("Registered by")),
            Column(_("Registered on"), nowrap=True),
            Column(_("Target group")),
            Column(_("Gender")),
            Column(_("Citizenship")),
            Column(_("Enrolments"), numeric=True),
        ],
        "rows": [_record_row(record, known) for record in records],
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(found, limit=50)
        ],
    }
    return render(request, "beneficiaries/pair.html", context)


def _by_rule(found: Pair) -> Any:
    if found.questions_end in (QuestionsEnd.AGREED, QuestionsEnd.DIFFERED):
        return _("the portal, from the answers of the two bodies")
    return _("the portal, by the same code")


def _record_row(record: Any, known: set[int]) -> list[Any]:
    if record.pk not in known:
        return [record.pseudonym, HIDDEN, "", "", "", "", ""]
    return [
        Link(record.pseudonym, record.get_absolute_url()),
        record.registered_by.name,
        timezone.localdate(record.created_at),
        record.target_group.title,
        record.get_sex_display(),
        record.citizenship.name,
        record.activities or 0,
    ]


def _buttons(found: Pair) -> list[Button]:
    def at(name: str) -> str:
        return reverse(f"beneficiaries:{name}", args=[found.uuid])

    if found.state == PairState.ASKED:
        return []
    if found.state == PairState.MERGED:
        if merge_of(found) is None:
            return []
        return [Button(_("Undo the merge"), at("pair-undo"), style="outline-primary")]
    merge = Button(_("They are one person"), at("pair-merge"))
    if found.state == PairState.APART:
        return [Button(_("They are one person"), at("pair-merge"), style="outline-primary")]
    return [merge, Button(_("They are two persons"), at("pair-apart"), style="outline-primary")]


def _decide(
    request: HttpRequest, found: Pair, act: Callable[[DecisionForm], Any], *, heading: Any, lead: Any, done: Any
) -> HttpResponse:
    form = DecisionForm(
        request.POST or None, version=found.version, submit_label=heading, cancel_url=found.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            act(form)
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, done)
            return redirect(found)
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": _title(found),
        "crumbs": _crumbs((_title(found), found.get_absolute_url()), heading),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pair_merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the two records are one person."""
    found = _pair_for(request, uuid)
    return _decide(
        request,
        found,
        lambda form: services.merge(
            pair=found,
            version=version_of(form),
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=clock.now(),
        ),
        heading=_("They are one person"),
        lead=_("From now on they count once, in validated figures too. You can undo it."),
        done=_("The two records count as one person."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pair_apart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the two records are two persons."""
    found = _pair_for(request, uuid)
    return _decide(
        request,
        found,
        lambda form: services.keep_apart(
            pair=found,
            version=version_of(form),
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=clock.now(),
        ),
        heading=_("They are two persons"),
        lead=_("They will not be proposed again."),
        done=_("The two records stay two persons."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pair_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the merge of a pair back."""
    found = _pair_for(request, uuid)
    made = merge_of(found)
    if made is None:
        raise Http404
    return _decide(
        request,
        found,
        lambda form: services.undo_merge(
            made=made, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
        ),
        heading=_("Undo the merge"),
        lead=_("They count as two persons again, in validated figures too."),
        done=_("The merge is undone: they are two persons again."),
    )
