# SPDX-License-Identifier: EUPL-1.2
"""What the demonstration keeps and destroys: dates, a notice, a hold, a report of the past, two incidents."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from beneficiaries.models import Beneficiary
from fami_portal.core import clock
from fami_portal.core.jobs import run_job
from fami_portal.core.models import Job
from fami_portal.core.services import acting
from partners.models import Invitation
from privacy.enums.retention import Anchor, DataClass, HoldScope
from privacy.selectors.retention import outlook, situation
from privacy.selectors.retention_parts import let_go, parts_of
from privacy.selectors.retention_rules import usual_control_end
from privacy.services import breach, retention, retention_runs
from privacy.services.retention_notices import send_due_notices
from reporting.demo import world
from reporting.demo.bodies import programme
from reporting.demo.times import at_moment

# How long ago an invitation that nobody answered was sent.
FORGOTTEN = timedelta(days=500)


def retention_and_incidents() -> None:
    """Set the dates of the programme, announce some names, hold one person; destroy an old invitation; two incidents."""
    region = User.objects.get(email=f"regione{world.DOMAIN}")
    officer = User.objects.get(email=f"privacy{world.DOMAIN}")
    _portal(region)
    _programme(region)
    _incidents(officer)


def _portal(region: User) -> None:
    body = programme().lead
    with acting(None):
        old = Invitation.objects.create(
            email=f"invito.dimenticato{world.DOMAIN}",
            organisation=body,
            role="evaluator",
            token_sha256="dimostrazione",  # noqa: S106  the hash of no token: it opens nothing
            expires_at=timezone.now() - FORGOTTEN + timedelta(days=3),
        )
        Invitation.objects.filter(pk=old.pk).update(created_at=timezone.now() - FORGOTTEN)
    run = retention_runs.start_run(programme=None, by=region, at=clock.now() - timedelta(days=40))
    with at_moment(run.at + timedelta(minutes=2)):
        run_job(Job.objects.get(kind=retention_runs.JOB, subject_id=run.pk).pk, heartbeat=False)


def _programme(region: User) -> None:
    own = programme()
    before = clock.now() - timedelta(days=60)
    retention.set_dates(
        programme=own,
        closed_on=own.last_day,
        control_until=usual_control_end(own.last_day),
        reason="Date previste all’avvio, da confermare con l’ultimo pagamento",
        version=0,
        by=region,
        at=before,
    )
    retention.change_rule(
        programme=own,
        data_class=DataClass.IDENTITIES,
        months=0,
        anchor=Anchor.LAST_SUPPORT,
        basis="Determina dimostrativa n. 14/2019: dopo l’ultima attività bastano i registri cartacei",
        reason="I nomi di chi ha finito non servono più nel portale",
        version=0,
        by=region,
        at=before,
    )
    now = situation(own, clock.today())
    part = parts_of(DataClass.IDENTITIES)[0]
    if not any(one.free for one in outlook(now) if one.data_class == DataClass.IDENTITIES):
        return
    units = let_go(part, programme=own, rule=now.rules[DataClass.IDENTITIES], plan=now.plan, day=clock.today())
    person = Beneficiary.objects.filter(pk__in=units.values("pk")).order_by("pk").first() if units is not None else None
    send_due_notices(programme=own, at=clock.now() - timedelta(days=10))
    retention.place_hold(
        programme=own,
        scope=HoldScope.RECIPIENT,
        beneficiary=person,
        reason="Ricorso sul diritto alla frequenza",
        act="Tribunale dimostrativo, richiesta n. 12",
        starts_on=clock.today() - timedelta(days=5),
        by=region,
        at=clock.now() - timedelta(days=5),
    )


def _incidents(officer: User) -> None:
    lost = clock.now() - timedelta(days=75)
    closed = breach.record_incident(
        programme=programme(),
        values={
            "title": "Registro cartaceo dimenticato in un’aula",
            "discovered_at": lost,
            "happened_from": lost - timedelta(hours=4),
            "description": "Un registro con ventidue nomi è rimasto per un pomeriggio in un’aula aperta.",
            "persons": 22,
            "measures": "Registro ritrovato intatto; armadio con chiave; istruzioni ripetute agli operatori.",
        },
        by=officer,
        at=lost,
    )
    soon = lost + timedelta(hours=20)
    breach.notify(incident=closed, notified_at=soon, comment="", by=officer, at=soon)
    later = lost + timedelta(days=12)
    breach.move(incident=closed, transition="close", comment="Nessuna conseguenza nota", by=officer, at=later)
    known = clock.now() - timedelta(hours=20)
    breach.record_incident(
        programme=programme(),
        values={
            "title": "Portatile di un ente rubato",
            "discovered_at": known,
            "happened_from": known - timedelta(hours=10),
            "description": "Rubato un portatile con la sessione aperta: chi ha letto che cosa in quelle ore?",
        },
        by=officer,
        at=known,
    )
