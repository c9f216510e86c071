# SPDX-License-Identifier: EUPL-1.2
"""Builds the demonstration through the services, stage by stage.

Each stage is one transaction with a mark at its end, so that a killed run goes on where it stopped and a second run
changes nothing. Everything is drawn from one seed; only pseudonyms differ, because they must never be guessed.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions.definition.loading import read_definition
from actions.models import Programme
from actions.services.definitions import load_definition
from fami_portal.core.enums import MailState
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting, record_event
from partners.models import Country
from partners.services.reference_lists import load_reference_lists
from reporting.demo import (
    ambiti,
    ambiti_work,
    bodies,
    consultations,
    extracts,
    facilitation,
    followed,
    guidance,
    imports,
    mediation,
    networks,
    notices,
    outcomes,
    pairs,
    plans,
    reports,
    retention,
    rights,
    school_year,
    sharing,
    tables,
    training,
    translations,
    world,
)
from reporting.demo.mediation_plan import CASES
from reporting.demo.statistics import look_at_the_tables

MARK = "demonstration stage"
# After these the tables have their first thousands of rows, which the next stages join.
LOOKED_AT = {"people with an account"}
Say = Callable[[str], None]


def load_demo(*, say: Say, wanted: Callable[[str], bool] = lambda name: True) -> bool:
    """Load the demonstration, or the stages whose name is `wanted`; returns False when nothing was left to do.

    `say` receives one line for each stage done.
    """
    done = set(AuditEvent.objects.filter(verb=MARK).order_by("pk").values_list("reason", flat=True))
    changed = False
    for name, stage in stages():
        if name in done or not wanted(name):
            continue
        with transaction.atomic(), acting(None):
            stage()
            if name in LOOKED_AT:
                look_at_the_tables()
            record_event(by=None, verb=MARK, target=_anchor(), reason=name)
        say(name)
        changed = True
    return changed


def _anchor() -> Any:
    """Return what the marks are about: the region's programme, or the first country before it exists."""
    return Programme.objects.filter(slug=world.PROGRAMME).first() or Country.objects.order_by("pk").first()


def stages() -> Iterable[tuple[str, Callable[[], None]]]:
    """Return the stages in order, each with the name of its mark."""
    yield "reference lists", lambda: load_reference_lists() and None
    yield "programme definitions", _definitions
    yield "bodies and networks", bodies.bodies_and_networks
    yield "people with an account", bodies.people_with_an_account
    yield "privacy notices", notices.notices_and_parts
    yield "Ambiti of LAB'IMPACT", ambiti.ambiti_of_the_programme
    for network in (*(network.code for network in world.NETWORKS), world.SINGLE_NETWORK[0]):
        yield f"school year of {network}", partial(school_year.school_year, network)
    yield "tables and services", tables.tables_and_services
    yield "shared names", sharing.shared_names
    # Before the reports of the quarters, which close the registers of the leads.
    yield "mediators and hours", mediation.mediators_and_hours
    for code in CASES:
        yield f"mediation service of {code}", partial(mediation.service_of, code)
    yield "consultations and questions", consultations.consultations_and_questions
    yield "language facilitation", facilitation.language_facilitation
    yield "written translations", translations.written_translations
    yield "course that has ended", outcomes.ended_course
    yield "persons followed and a desk", followed.persons_followed
    yield "guidance of last year", guidance.guidance_of_last_year
    for code in (*world.CLOSED_PERIODS, world.OPEN_PERIOD):
        yield f"activity reports of {code}", partial(reports.activity_reports_of, code)
        yield f"reports of the networks of {code}", partial(reports.network_reports_of, code)
        if code in world.CLOSED_PERIODS:
            yield f"output report of {code}", partial(reports.output_report_of, code)
        if code == world.CLOSED_PERIODS[0]:
            yield f"late report of {code}", partial(reports.late_report_of, code)
    yield "possible duplicates", pairs.possible_duplicates
    yield "operators trained in Lodi", training.trained_operators
    yield "extracts for the evaluation", extracts.extracts_for_the_evaluation
    yield "imports of the Region", imports.imported_bodies
    yield "requests of persons", rights.requests_of_persons
    yield "retention and incidents", retention.retention_and_incidents
    yield "deeds and territories", networks.deeds_and_territories
    yield "budget, plan and catalogue", plans.plans_and_catalogue
    yield "budget of LAB'IMPACT", ambiti.budget_of_the_ambiti
    yield "first quarter of the Ambiti", ambiti_work.first_quarter
    yield "notifications", _quiet_notifications


def _definitions() -> None:
    for name in world.DEFINITIONS:
        load_definition(definition=read_definition(settings.BASE_DIR / "definitions" / name), by=None)


def _quiet_notifications() -> None:
    """Nothing of the building is mailed; each person keeps the last few notifications to read."""
    Message.objects.filter(mail_state=MailState.PENDING).update(mail_state=MailState.NOT_WANTED)
    for user in User.objects.filter(portal_messages__read_at__isnull=True).distinct().order_by("pk"):
        newest = Message.objects.filter(recipient=user).order_by("-pk").values_list("pk", flat=True)[:3]
        Message.objects.filter(recipient=user).exclude(pk__in=list(newest)).update(read_at=timezone.now())
