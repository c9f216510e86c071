# SPDX-License-Identifier: EUPL-1.2
"""Acts on a case: each asks to be confirmed, with what it needs; the comparison; the bodies to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from beneficiaries.enums import FingerprintKind
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, StaleError
from partners.models import Network, NetworkMember, Organisation
from privacy.forms.requests import BodiesForm, DeliverForm, ExtendForm, MatchForm, ReasonForm, StepForm, VerifyForm
from privacy.models import RightsRequest
from privacy.selectors import requests as selectors
from privacy.services import copies, request_tasks, requests, rights_acts
from privacy.views.requests import FORM, case_for, crumbs, posted

Act = Callable[..., Any]


@dataclass(frozen=True)
class Step:
    """One act: what is asked, what it does, what is said afterwards."""

    heading: Any
    lead: Any
    done: Any
    act: Act
    form: type[StepForm] = StepForm
    danger: bool = False
    fields: tuple[tuple[str, str], ...] = ()


STEPS: dict[str, Step] = {
    "ask-identity": Step(
        _("Ask for a proof of identity"),
        _("Write to who asks that you must know who it is, and what is enough. The term goes on."),
        _("Noted: the proof of identity was asked."),
        requests.ask_identity,
    ),
    "verify": Step(
        _("Verify the identity"),
        _("Say what you saw. The portal keeps no copy."),
        _("The identity is verified: now compare the request with the records."),
        requests.verify_identity,
        VerifyForm,
        fields=(("check", "identity_check"),),
    ),
    "extend": Step(
        _("Extend the term"),
        _(
            "By two months, once, for complex requests. The person must be told within the first month, with the reason."
        ),
        _("The term is extended."),
        requests.extend,
        ExtendForm,
        fields=(("reason", "reason"), ("told_on", "told_on")),
    ),
    "answer": Step(
        _("The person was answered"),
        _("Say so after the answer has gone."),
        _("The case is answered."),
        requests.answer,
    ),
    "refuse": Step(
        _("Refuse the request"),
        _("Tell the person why, and that it may complain to the authority or go to court (art. 12(4) GDPR)."),
        _("The request is refused."),
        requests.refuse,
        ReasonForm,
        danger=True,
        fields=(("reason", "reason"),),
    ),
    "close": Step(_("Close the case"), _("Nothing more is done in it."), _("The case is closed."), requests.close),
    "copy": Step(
        _("Make the copy"),
        _("Everything that the portal holds of the person, with who has seen it. Opening the names is recorded."),
        _("The copy is being made: it will be here in a moment."),
        copies.ask_copy,
    ),
    "deliver": Step(
        _("Copy delivered"),
        _("The portal destroys its copy 30 days after the delivery."),
        _("The delivery is noted."),
        copies.deliver,
        DeliverForm,
        fields=(("delivered_on", "delivered_on"),),
    ),
    "propose-erasure": Step(
        _("Propose the erasure"),
        _("You say that the records are of this person and that nothing forbids it. Another person confirms."),
        _("The erasure is proposed: the others who handle requests are told, one of them confirms it."),
        rights_acts.propose_erasure,
    ),
    "erase": Step(
        _("Erase the data"),
        _(
            "Names, codes, files and notes of the person are destroyed for good. Presences and figures stay, of somebody "
            "whom nobody can recognise. It cannot be taken back."
        ),
        _("The data are erased; the bodies are asked to destroy their lists."),
        rights_acts.erase,
        danger=True,
    ),
    "correct": Step(
        _("Ask for the correction"),
        _("The bodies that registered the person correct its record and their papers, then say so."),
        _("The bodies are asked to correct: you are told when they answer."),
        rights_acts.ask_correction,
    ),
    "restrict": Step(
        _("Restrict the processing"),
        _("The data stay and count; only you and the head of the body read them, and nothing new is written."),
        _("The processing is restricted."),
        rights_acts.restrict,
    ),
    "lift": Step(
        _("Lift the restriction"),
        _("Tell the person before (art. 18(3) GDPR)."),
        _("The restriction is lifted."),
        rights_acts.lift,
    ),
}


@FORM
def request_step(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Confirm one act on a case."""
    case = case_for(request, uuid)
    step = STEPS.get(act)
    if step is None:
        raise Http404
    form = step.form(
        posted(request),
        submit_label=step.heading,
        danger=step.danger,
        version=case.version,
        initial={"delivered_on": timezone.localdate(clock.now()), "told_on": timezone.localdate(clock.now())},
        cancel_url=case.get_absolute_url(),
    )

    def confirmed() -> None:
        values = {name: form.cleaned_data[field] for name, field in step.fields}
        step.act(request=case, version=version_of(form), by=request.user, at=clock.now(), **values)

    if _posted(request, form, case, confirmed):
        messages.success(request, step.done)
        return redirect(case)
    return _page(request, case, form, step.heading, step.lead)


def version_of(form: Any) -> int:
    """Return the version that the person saw; -1, which never is, for none."""
    typed = form.cleaned_data.get("version") or ""
    return int(typed) if typed.isdigit() and len(typed) < 9 else -1


def _posted(request: HttpRequest, form: Any, case: RightsRequest, act: Callable[[], Any]) -> bool:
    """Do the act of a form that was sent, and say whether it was done; a refusal is shown in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except DomainError as error:
        case.refresh_from_db(fields=["version"])
        form.add_refusal(error, version=case.version if isinstance(error, StaleError) else None)
        return False
    return True


def _page(request: HttpRequest, case: RightsRequest, form: Any, heading: Any, lead: Any) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": case.number,
        "crumbs": crumbs((case.number, case.get_absolute_url()), heading),
    }
    return render(request, "privacy/form.html", context)


@FORM
def request_match(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Compare the case with the records of the programme; what looks alike is told without saying who it is."""
    case = case_for(request, uuid)
    form = MatchForm(
        posted(request),
        found=[(one.token, _alike(one)) for one in request_tasks.candidates(case)],
        version=case.version,
        cancel_url=case.get_absolute_url(),
    )
    new = 0

    def compared() -> None:
        nonlocal new
        new = request_tasks.match(
            request=case,
            version=version_of(form),
            tax_code=form.cleaned_data["tax_code"],
            chosen=form.cleaned_data.get("chosen", ()),
            by=request.user,
            at=clock.now(),
        )

    if _posted(request, form, case, compared):
        text = ngettext("%(n)s record was found.", "%(n)s records were found.", new) % {"n": new}
        messages.success(
            request, text if new else _("No new record was found: ask the bodies, who may know the person otherwise.")
        )
        return redirect(case)
    return _page(
        request,
        case,
        form,
        _("Compare with the records"),
        _("The portal compares the names that you wrote, and the tax code if you have it, with those in the vault."),
    )


def _alike(one: Any) -> str:
    kinds = "; ".join(str(FingerprintKind(kind).label) for kind in one.kinds)
    return _("Similarity %(band)s: %(kinds)s") % {"band": one.similarity.label, "kinds": kinds}


@FORM
def request_bodies(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose the bodies that are asked to search their files."""
    case = case_for(request, uuid)
    records = [one.pk for one in selectors.matched_records(case)]
    asked = list(case.tasks.filter(purpose="search").order_by("pk").values_list("organisation_id", flat=True))
    bodies = selectors.bodies_of_programme(case.programme_id).exclude(pk__in=asked)
    form = BodiesForm(
        posted(request),
        involved=selectors.bodies_involved(records).exclude(pk__in=asked),
        bodies=bodies,
        networks=Network.objects.filter(action_networks__action__programme=case.programme_id)
        .distinct()
        .order_by("name", "pk"),
        version=case.version,
        cancel_url=case.get_absolute_url(),
    )
    if _posted(
        request,
        form,
        case,
        lambda: request_tasks.ask_bodies(
            request=case, version=version_of(form), bodies=_chosen(form), by=request.user, at=clock.now()
        ),
    ):
        messages.success(request, _("The bodies are asked: you are told when they answer."))
        return redirect(case)
    return _page(
        request,
        case,
        form,
        _("Ask the bodies"),
        _("Each body looks for the person in its own files: requests with codes of its own, contacts, papers."),
    )


def _chosen(form: BodiesForm) -> list[Organisation]:
    data = form.cleaned_data
    found = {body.pk: body for body in data.get("involved", [])}
    if data["body"]:
        found[data["body"].pk] = data["body"]
    if data["network"]:
        members = NetworkMember.objects.on(clock.today()).filter(network=data["network"])
        for body in Organisation.objects.filter(pk__in=members.values("organisation")).order_by("pk"):
            found[body.pk] = body
    return list(found.values())
