# SPDX-License-Identifier: EUPL-1.2
"""Consultations, questions, presences and trained operators of the demonstration: something for each to see and do."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from actions.definition.loading import read_definition
from actions.models import Programme, RequestKind
from actions.services.definitions import load_definition
from beneficiaries.models import Enrolment
from fami_portal.core import clock
from fami_portal.core.models import AuditEvent
from fami_portal.embedded import DEMO_WEEK
from mediation.models import (
    CommunityPresence,
    Consultation,
    HourAccount,
    LegalQuestion,
    MediationRequest,
    Translation,
)
from mediation.selectors.facilitation import to_sign
from reporting.demo import ambito, training, translations
from reporting.demo.build import load_demo
from reporting.demo.world import DOMAIN
from reporting.ledger.reconcile import check
from reporting.models import ResultEntry

STAGES = {
    "reference lists",
    "programme definitions",
    "bodies and networks",
    "people with an account",
    "mediators and hours",
    "consultations and questions",
    "language facilitation",
    "written translations",
    "operators trained in Lodi",
}


def states(model: Any) -> Counter[str]:
    return Counter(model.objects.order_by("pk").values_list("state", flat=True))


def page(name: str, address: str) -> str:
    """Return what a person of the demonstration reads at an address."""
    client = Client()
    client.force_login(User.objects.get(email=f"{name}{DOMAIN}"))
    response = client.get(address)
    assert response.status_code == 200, (name, address)
    return response.content.decode()


def _operators_are_counted_where_the_fund_counts_them(base: Path) -> None:
    assert Enrolment.objects.filter(activity__programme__slug=training.PROGRAMME).count() == 5
    live = ResultEntry.objects.filter(reversed_in=None, scope__kind="programme").order_by()
    codes = live.filter(indicator__programme__slug=training.PROGRAMME).values_list("indicator__code", flat=True)
    assert Counter(codes) == {"O.2.2.a": 5, "R.2.12.a": 3, "R.2.16.a": 3, "R.2.14.s": 3}
    assert "Operatori" in page("lodi", reverse("beneficiaries:sheet-list"))
    # Nothing was invented in its definition: the file has nothing to change.
    official = read_definition(base / "definitions" / "labimpact-2-lodi.yaml")
    assert load_definition(definition=official, by=None, dry_run=True).changes == []


def test_the_demonstration_has_consultations_and_questions(db: None, settings: Any) -> None:
    today = timezone.localdate()
    settings.CLOCK_SHIFT = today - timedelta(days=today.weekday()) - DEMO_WEEK
    load_demo(say=lambda line: None, wanted=STAGES.__contains__)

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
    _operators_are_counted_where_the_fund_counts_them(settings.BASE_DIR)
    for programme in Programme.objects.order_by("slug"):
        assert check(programme.pk) == []

    # Each finds what is theirs; the archive has an answer to find, the translations their files.
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

    # Nothing was done in the future of the demonstration, and a second run changes nothing.
    models = (Consultation, LegalQuestion, CommunityPresence, Translation)
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
