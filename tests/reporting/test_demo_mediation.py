# SPDX-License-Identifier: EUPL-1.2
"""The mediation service of the demonstration: every state, hours that move, figures that agree, nothing in the future."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.models import AuditEvent
from fami_portal.embedded import DEMO_WEEK
from mediation.enums import RequestState
from mediation.models import HourAccount, MediationRequest, MediationSession, Mediator, Proposal
from reporting.demo.build import load_demo
from reporting.demo.world import DOMAIN, PROGRAMME
from reporting.ledger.reconcile import check
from reporting.models import ResultTotal

STAGES = {
    "reference lists",
    "programme definitions",
    "bodies and networks",
    "people with an account",
    "mediators and hours",
    "mediation service of ATS-1-TO",
    "mediation service of ATS-2-TO",
}
S = RequestState


def a_user(name: str) -> Any:
    return User.objects.get(email=f"{name}{DOMAIN}")


def test_the_demonstration_has_a_mediation_service(db: None, settings: Any) -> None:
    today = timezone.localdate()
    settings.CLOCK_SHIFT = today - timedelta(days=today.weekday()) - DEMO_WEEK
    load_demo(say=lambda line: None, wanted=STAGES.__contains__)
    states = Counter(MediationRequest.objects.order_by("pk").values_list("state", flat=True))
    assert states[S.VALIDATED] >= 15
    for state in S:
        assert states[state] or state in (S.REOPENED, S.REJECTED), state

    # What waits for each of the people of the demonstration.
    own = MediationRequest.objects.filter(organisation__name__contains="I Tigli")
    assert own.filter(state=S.DRAFT, created_by=a_user("docente")).exists()
    assert own.filter(state=S.SUBMITTED).exists()
    assert own.filter(state=S.REPORTED).exists()
    nadia = Mediator.objects.get(user=a_user("mediatrice"))
    assert Proposal.objects.filter(mediator=nadia, state="proposed", expires_at__gt=clock.now()).exists()
    assert MediationSession.objects.filter(mediator=nadia, planned_from__date=clock.today()).exists()
    assert MediationRequest.objects.visible_to(a_user("rete")).filter(state=S.COUNTERSIGNED).exists()
    assert MediationRequest.objects.visible_to(a_user("servizi")).exists()

    # Hours: one account beyond 80 per cent, one nearly empty; none oversold (the database says so).
    shares = sorted(round(account.used_share * 100) for account in HourAccount.objects.order_by("pk"))
    assert sum(share >= 80 for share in shares) >= 2
    assert any(account.reserved for account in HourAccount.objects.order_by("pk"))

    # The validated sessions are in the figures, and the ledger is right.
    programme = Programme.objects.get(slug=PROGRAMME)
    for code in ("A1-ORE-MEDIAZIONE", "A2-ORE-CHIAMATA"):
        totals = ResultTotal.objects.filter(indicator__code=code, scope__kind="programme").order_by("pk")
        assert sum(totals.values_list("quantity", flat=True)) > 0
    assert check(programme.pk) == []

    # Nothing was done in the future of the demonstration.
    late = AuditEvent.objects.filter(target_type="mediation.mediationrequest", at__gt=clock.now())
    assert not late.exists()
