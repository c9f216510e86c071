# SPDX-License-Identifier: EUPL-1.2
"""The demonstration: something for each person to see and do, figures that agree, nothing done in the future.

Its stages are built once, which is the most expensive thing here; what they hold is looked at subject by subject.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from actions.definition.loading import read_definition
from actions.models import Programme, RequestKind
from actions.selectors.budgets import WHOLE, Line, budget_on, cells_of, wrong_sums
from actions.services.definitions import load_definition
from beneficiaries.models import Enrolment
from fami_portal.core import clock
from fami_portal.core.models import AuditEvent, ImportRun
from fami_portal.embedded import DEMO_WEEK
from mediation.enums import RequestState as S
from mediation.models import (
    CommunityPresence,
    Consultation,
    HourAccount,
    LegalQuestion,
    MediationRequest,
    MediationSession,
    Mediator,
    Proposal,
    Translation,
)
from mediation.selectors.facilitation import to_sign
from partners.models import Network, Organisation
from reporting.demo import ambiti, ambito, imports, training, translations
from reporting.demo.build import load_demo
from reporting.demo.world import DOMAIN, PROGRAMME
from reporting.ledger.reconcile import check
from reporting.models import ActivityReport, ResultEntry, ResultTotal
from reporting.selectors.merged_reports import SHOWN_AT_HOME

STAGES = {
    "reference lists",
    "programme definitions",
    "bodies and networks",
    "people with an account",
    "Ambiti of LAB'IMPACT",
    "mediators and hours",
    "mediation service of ATS-1-TO",
    "mediation service of ATS-2-TO",
    "consultations and questions",
    "language facilitation",
    "written translations",
    "operators trained in Lodi",
    "imports of the Region",
    "budget of LAB'IMPACT",
    "first quarter of the Ambiti",
}


def states(model: Any) -> Counter[str]:
    return Counter(model.objects.order_by("pk").values_list("state", flat=True))


def a_user(name: str) -> Any:
    return User.objects.get(email=f"{name}{DOMAIN}")


def page(name: str, address: str) -> str:
    """Return what a person of the demonstration reads at an address."""
    client = Client()
    client.force_login(a_user(name))
    response = client.get(address)
    assert response.status_code == 200, (name, address)
    return response.content.decode()


def _mediation_service() -> None:
    requests = states(MediationRequest)
    assert requests[S.VALIDATED] >= 15
    for state in S:
        assert requests[state] or state in (S.REOPENED, S.REJECTED), state

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
    accounts = list(HourAccount.objects.order_by("pk"))
    assert sum(round(account.used_share * 100) >= 80 for account in accounts) >= 2
    assert any(account.reserved for account in accounts)

    # The validated sessions are in the figures.
    for code in ("A1-ORE-MEDIAZIONE", "A2-ORE-CHIAMATA"):
        totals = ResultTotal.objects.filter(
            indicator__code=code, indicator__programme__slug=PROGRAMME, scope__kind="programme"
        )
        assert sum(totals.order_by("pk").values_list("quantity", flat=True)) > 0


def _operators_are_counted_where_the_fund_counts_them(base: Path) -> None:
    assert Enrolment.objects.filter(activity__programme__slug=training.PROGRAMME).count() == 5
    live = ResultEntry.objects.filter(reversed_in=None, scope__kind="programme").order_by()
    codes = live.filter(indicator__programme__slug=training.PROGRAMME).values_list("indicator__code", flat=True)
    assert Counter(codes) == {"O.2.2.a": 5, "R.2.12.a": 3, "R.2.16.a": 3, "R.2.14.s": 3}
    assert "Operatori" in page("lodi", reverse("beneficiaries:sheet-list"))
    # Nothing was invented in its definition: the file has nothing to change.
    official = read_definition(base / "definitions" / "labimpact-2-lodi.yaml")
    assert load_definition(definition=official, by=None, dry_run=True).changes == []


def _thirty_five_ambiti() -> None:
    """Each has a lead, a deed, towns of its own and its share; every level of the budget adds up to the programme's."""
    programme = Programme.objects.get(slug=ambiti.PROGRAMME)
    networks = Network.objects.filter(action_networks__action__programme=programme).distinct().order_by("pk")
    assert networks.count() == 35
    drawn = networks.exclude(code=ambito.CODE)
    assert drawn.filter(members__role="lead", deeds__isnull=False).distinct().count() == 34
    places = list(drawn.values_list("municipalities", flat=True))
    assert None not in places
    assert len(places) == len(set(places))
    for body in Organisation.objects.filter(network_stays__network__in=drawn).order_by("pk"):
        body.clean_fields(exclude=["municipality", "institute"])
        body.clean()
    children = networks.filter(parent__code="AMB-VIM-TRE")
    assert {network.code for network in children} == {"AMB-SER", "AMB-CAR"}

    budget = budget_on(programme, clock.today())
    cells = cells_of(budget)
    assert wrong_sums(cells, programme.budget_cents) == []
    assert sum(cents for (line, _action), cents in cells.items() if line == WHOLE) == 520_300_000
    with_money = {line.network for line, _action in cells if line.network}
    # The share of the one that Offertasociale leads is that of its plan.
    assert with_money == set(networks.exclude(code="AMB-VIM-TRE").values_list("pk", flat=True))
    plans = budget.shares.filter(plan__slug=ambiti.PLAN).aggregate(total=Sum("cents"))
    assert plans["total"] == 67_555_00
    assert set(states(ActivityReport)) == {"open", "submitted", "validated"}


def _many_networks_stay_readable() -> None:
    """Each network opens its part of the budget by itself; the map of the programme sums up the municipalities."""
    network = Network.objects.get(code="AMB-REZ")
    address = reverse("actions:budget", args=[ambiti.PROGRAMME])
    folded, opened = page("lombardia", address), page("lombardia", f"{address}?open={Line(network.pk).key}")
    assert network.name in folded
    assert "Comune di Rezzato" not in folded
    assert "Comune di Rezzato" in opened
    assert "Comune di Bergamo" not in opened
    land = page("lombardia", reverse("actions:programme-territory", args=[ambiti.PROGRAMME]))
    assert reverse("partners:territory", args=[network.uuid]) in land
    assert "Trezzo sull&#x27;Adda (MI)" in page(
        "lombardia", reverse("partners:territory", args=[Network.objects.get(code="AMB-VIM-TRE").uuid])
    )
    own = page("offertasociale", reverse("partners:networks"))
    assert "Ambito di Carate Brianza" in own
    assert "Ambito di Cremona" not in own
    home = page("lombardia", reverse("home"))
    assert home.count("Metti insieme le schede") == SHOWN_AT_HOME


def _one_import_is_written_and_one_waits() -> None:
    runs = ImportRun.objects.order_by("pk").values_list("state", "new", "changed")
    assert sorted(runs) == [("done", 0, 4), ("ready", 3, 0)]
    assert not Organisation.objects.filter(name__in=imports.NEW).exists()


def _consultations_and_questions() -> None:
    assert states(Consultation) == {"referred": 1, "assessment": 1, "closed": 1}
    assert states(LegalQuestion) == {"asked": 1, "to_clarify": 1, "answered": 1, "published": 1}
    assert states(CommunityPresence) == {"validated": 1, "held": 2, "planned": 3}
    # A weekly series reserved once: four sessions held, of which the school has one to sign, four to come (no holiday).
    series = MediationRequest.objects.get(kind="facilitation")
    assert (series.state, series.sessions_asked) == ("confirmed", series.sessions.count())
    assert HourAccount.objects.get(kind="facilitation").reserved == series.minutes_asked == 90 * series.sessions_asked
    assert len(to_sign(series)) == 1
    assert series.sessions.filter(state="planned").exists()
    held = HourAccount.objects.get(kind="ethnoclinical")
    assert (held.reserved, held.consumed) == (420, 360)
    # Three pages were estimated at 40 minutes each and took 100; three pages of two requests are still reserved.
    assert states(Translation) == {"submitted": 1, "assigned": 1, "validated": 1}
    translated = HourAccount.objects.get(kind="translation")
    assert (translated.reserved, translated.consumed) == (120, 100)


def _each_finds_what_is_theirs() -> None:
    """The archive has an answer to find, the translations their files."""
    seen = {
        "consulente": ("mediation:consultations", "A5-2019-00003"),
        "servizi": ("mediation:consultation-list", "A5-2019-00003"),
        "sportello": ("mediation:legal-question-list", "Residenza e ospitalità"),
        "rete.servizi": ("mediation:legal-question-list", "Residenza e ospitalità"),
        "mediatrice": ("mediation:presence-list", "Mercato di quartiere"),
    }
    for name, (address, words) in seen.items():
        assert words in page(name, reverse(address)), name
    school = {"Avviso dell’assemblea", "Avviso sulla mensa"}
    service = {"Orari del segretariato sociale"}
    for name, titles in {
        "alzaia": school,
        "servizi": service,
        "mediatrice": school,
        "rete.servizi": school | service,
        "scuola": set(),
    }.items():
        listed = page(name, reverse("mediation:translation-list"))
        assert {title for title in school | service if title in listed} == titles, name
        for translation in Translation.objects.filter(title__in=titles).order_by("pk"):
            assert translation.title in page(name, translation.get_absolute_url()), name
    # Who works there may ask for another one, who works elsewhere may not.
    asking = {name: page(name, reverse("mediation:translation-create")) for name in ("alzaia", "scuola")}
    assert {name for name, words in asking.items() if ambito.NAME in words} == {"alzaia"}


def test_each_person_of_the_demonstration_has_something_to_see_and_do(db: None, settings: Any) -> None:
    today = timezone.localdate()
    settings.CLOCK_SHIFT = today - timedelta(days=today.weekday()) - DEMO_WEEK
    load_demo(say=lambda line: None, wanted=STAGES.__contains__)

    _mediation_service()
    _consultations_and_questions()
    _thirty_five_ambiti()
    _many_networks_stay_readable()
    _one_import_is_written_and_one_waits()
    _operators_are_counted_where_the_fund_counts_them(settings.BASE_DIR)
    for programme in Programme.objects.order_by("slug"):
        assert check(programme.pk) == []
    _each_finds_what_is_theirs()

    # Nothing was done in the future of the demonstration, and a second run changes nothing.
    models = (Consultation, LegalQuestion, CommunityPresence, Translation, MediationRequest)
    kinds = [f"mediation.{model._meta.model_name}" for model in models]
    assert not AuditEvent.objects.filter(target_type__in=kinds, at__gt=clock.now()).exists()
    assert not load_demo(say=lambda line: None, wanted=STAGES.__contains__)

    # The offer is the demonstration's own: the official file takes back that and nothing else, then changes nothing.
    official = read_definition(settings.BASE_DIR / "definitions" / translations.DEFINITION)
    taken_back = load_definition(definition=official, by=None)
    assert [change.sign for change in taken_back.changes] == ["-"]
    assert not RequestKind.objects.filter(kind="translation").exists()
    assert not load_definition(definition=official, by=None).changes
    assert "Avviso dell’assemblea" in page("alzaia", reverse("mediation:translation-list"))
