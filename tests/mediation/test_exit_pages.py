# SPDX-License-Identifier: EUPL-1.2
"""What pages say before a request ends: the cost of now, whoever opened the page earlier; and the steps of a service."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting
from mediation.enums import AuthorisationMethod, LinkPurpose, RequestState
from mediation.forms.request_steps import Choices
from mediation.forms.requests import CaseForm
from mediation.models import MediationRequest
from mediation.selectors.following import steps_of
from mediation.selectors.request_facts import blocks
from mediation.selectors.request_page import buttons_for
from mediation.services import assignment, links, paper, proposals, requests
from mediation.services.requests import CostChangedError
from tests.mediation.paper_photos import photo_of_sheet
from tests.mediation.session_world import AFTER, END, NOW, REPORT, START, SessionWorld

pytestmark = pytest.mark.django_db
prepare = SessionWorld

IN_TIME, LATE = START - timedelta(hours=25), START - timedelta(hours=3)


def _it_is(settings: Any, moment: datetime) -> None:
    settings.CLOCK_SHIFT = timezone.now() - moment


def _sent_late(client: Client, address: str, settings: Any) -> tuple[Any, Any]:
    """Open a page of cancelling in time, send it when it is late, then once more; return both answers."""
    _it_is(settings, IN_TIME)
    form = client.get(address).context["form"]
    data = {"reason": "Gita di classe", "version": form["version"].value()}
    _it_is(settings, LATE)
    first = client.post(address, data)
    again = first.context["form"]
    return first, client.post(address, {name: again[name].value() for name in data})


def test_nobody_pays_what_the_page_did_not_say(scene: SessionWorld, settings: Any) -> None:
    request = scene.confirmed().request
    client = Client()
    client.force_login(scene.who(scene.contact))
    first, second = _sent_late(client, reverse("mediation:request-cancel", args=[request.uuid]), settings)
    assert (first.status_code, second.status_code) == (422, 302)
    assert "adesso annullare costa 1 h" in first.content.decode()
    assert scene.figures(request) == (0, 0, 60)


def test_nobody_pays_by_link_what_the_page_did_not_say(client: Client, scene: SessionWorld, settings: Any) -> None:
    request = scene.confirmed().request
    with acting(None):
        request.organisation.email = "segreteria@scuola-uno.example"
        request.organisation.save()
    _link, token = links.issue_link(
        purpose=LinkPurpose.FOLLOW,
        organisation=request.organisation,
        address="segreteria@scuola-uno.example",
        request=request,
        by=None,
        at=timezone.now(),
        valid_for=timedelta(days=1),
        maximum_uses=5,
    )
    first, second = _sent_late(client, reverse("mediation:link-cancel", args=[token]), settings)
    assert (first.status_code, second.status_code) == (422, 302)
    assert scene.figures(request) == (0, 0, 60)


def test_cost_told_before_is_not_exceeded(scene: SessionWorld) -> None:
    request = scene.confirmed().request
    with pytest.raises(CostChangedError):
        requests.cancel(request=request, reason="Gita", by=scene.who(scene.contact), at=LATE, told=59)
    assert scene.figures(request) == (60, 60, 0)
    # What has become cheaper, or was told so, is done.
    assert requests.cancel(request=request, reason="Gita", by=scene.who(scene.contact), at=LATE, told=60).minutes == 60


@pytest.mark.parametrize(("moment", "words"), [(IN_TIME, "Non viene addebitato nulla"), (LATE, "vengono addebitate")])
def test_cancelling_one_of_several_sessions_says_its_cost(
    scene: SessionWorld, settings: Any, moment: datetime, words: str
) -> None:
    session = scene.confirmed(minutes_asked=120, sessions_asked=2)
    _it_is(settings, moment)
    client = Client()
    client.force_login(scene.who(scene.contact))
    page = client.get(reverse("mediation:session-cancel", args=[session.uuid]))
    assert words in page.content.decode()


def test_what_undoes_stands_last(scene: SessionWorld) -> None:
    request = scene.confirmed().request
    for person in (scene.user, scene.coordinator, scene.contact):
        styles = [button.style.endswith("danger") for button in buttons_for(scene.who(person), request, NOW)]
        assert styles == sorted(styles)
        assert True in styles
        assert False in styles


def test_steps_of_who_follows_by_link() -> None:
    def titles(**fields: Any) -> list[tuple[str, str]]:
        with translation.override("en"):
            return [(str(step.title), str(step.status)) for step in steps_of(MediationRequest(**fields))]

    not_asked = {"authorisation": AuthorisationMethod.NOT_NEEDED, "authorised_at": clock.now()}
    taken = titles(state=RequestState.TAKEN_IN_CHARGE, **not_asked)
    assert taken[:2] == [("Request filed", "done"), ("Mediator found", "now")]
    # Who must complete it has the turn, not whoever seeks a mediator.
    returned = titles(state=RequestState.TO_COMPLETE, authorised_at=clock.now())
    assert returned[:4] == [
        ("Request filed", "done"),
        ("Request completed", "now"),
        ("Authorised by the head", "done"),
        ("Mediator found", "to come"),
    ]
    assert titles(state=RequestState.SUBMITTED)[1] == ("Authorised by the head", "now")


def test_form_of_a_service_speaks_of_no_pupil() -> None:
    for kind, says in (("school", True), ("service", False)):
        help_text = CaseForm(request=MediationRequest(kind=kind), choices=Choices()).fields["is_group"].help_text
        with translation.override("en"):
            assert ("pupil" in str(help_text)) is says


PHONE = "Chiamare la madre al 333 1234567"


@pytest.mark.parametrize(
    ("state", "who", "address", "field"),
    [
        ("submitted", "head", "request-decline", "reason"),
        ("taken", "coordinator", "request-reject", "comment"),
        ("taken", "coordinator", "request-ask-to-complete", "comment"),
        ("confirmed", "contact", "request-cancel", "reason"),
        ("confirmed", "user", "request-give-back", "comment"),
        ("filed", "contact", "report-reopen", "reason"),
    ],
)
def test_no_phone_number_stays_in_the_history(
    scene: SessionWorld, settings: Any, state: str, who: str, address: str, field: str
) -> None:
    _it_is(settings, NOW)
    request = {
        "submitted": lambda: scene.board.request(state=RequestState.SUBMITTED),
        "taken": scene.board.taken,
        "confirmed": lambda: scene.confirmed().request,
        "filed": scene.filed,
    }[state]()
    before = request.state
    client = Client()
    client.force_login(scene.who(getattr(scene, who)))
    page = client.post(reverse(f"mediation:{address}", args=[request.uuid]), {field: PHONE, "version": "60"})
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert page.context["form"][field].value() == PHONE
    request.refresh_from_db()
    assert request.state == before


def test_no_phone_number_in_the_note_of_a_refusal(scene: SessionWorld) -> None:
    request = scene.board.taken()
    proposal = assignment.propose(
        request=request,
        mediator=scene.mediator,
        starts_at=START,
        ends_at=END,
        expires_at=NOW + timedelta(hours=3),
        explanation=(),
        by=scene.coordinator,
        at=NOW,
    )
    with pytest.raises(DomainError) as refusal:
        proposals.refuse(proposal=proposal, reason="busy", note=PHONE, by=scene.user, at=NOW)
    assert refusal.value.field == "note"


def test_reason_of_a_rejection_stands_above_all(scene: SessionWorld) -> None:
    request = scene.board.taken()
    requests.reject(request=request, reason="C’è già il mediatore del Comune.", by=scene.coordinator, at=NOW)
    client = Client()
    client.force_login(scene.who(scene.contact))
    context = client.get(request.get_absolute_url()).context
    assert context["last_comment"] == "C’è già il mediatore del Comune."
    assert str(context["comment_heading"]) == "Motivo"


def test_filed_with_a_sheet_says_that_both_have_signed(scene: SessionWorld, settings: Any) -> None:
    _it_is(settings, AFTER)
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    request = scene.record(session)
    paper.attach_sheet(name="f.jpg", content=photo_of_sheet(sheet.code), by=scene.user, at=AFTER)
    client = Client()
    client.force_login(scene.who(scene.user))
    address = reverse("mediation:report-edit", args=[request.uuid])
    version = client.get(address).context["form"]["version"].value()
    client.post(address, REPORT | {"version": version})
    address = reverse("mediation:report-file", args=[request.uuid])
    form = client.get(address).context["form"]
    page = client.post(address, {"version": form["version"].value()}, follow=True)
    assert "le due firme sono sul foglio" in page.content.decode()


def test_mediator_of_what_was_agreed_outside_has_that_name(scene: SessionWorld) -> None:
    labels = {}
    for channel in ("portal", "outside"):
        request = scene.board.taken(channel=channel, same_mediator=scene.mediator)
        facts = [fact for block in blocks(request, with_case=True, with_judicial=False) for fact in block.facts]
        labels[channel] = next(str(fact[0]) for fact in facts if fact[1] == scene.mediator.name)
    assert labels == {"portal": "Di nuovo lo stesso mediatore", "outside": "Mediatore con cui è stato concordato"}
