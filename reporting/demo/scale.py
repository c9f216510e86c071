# SPDX-License-Identifier: EUPL-1.2
"""A programme at the size of a region, of Lombardia or of the country, to measure the ledger on.

Invented by arithmetic from fixed seeds, so that every load of a size is the same. Written by COPY with triggers off:
none of it passes through services, and nothing of it is the record of anything. Facts, entries and totals are then
built by the ledger's own statements, in one posting.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from actions.models import Action
from fami_portal.core.services import acting
from partners.enums import InformalReason, Nature, NetworkKind, NetworkRole, OrganisationKind
from reporting.demo.bulk import copy, copy_lines, reserve
from reporting.demo.scale_definition import define
from reporting.demo.scale_removal import remove
from reporting.enums import PostingReason
from reporting.ledger import facts, postings
from reporting.ledger.reconcile import reconcile
from reporting.ledger.scopes import ensure_scopes

MEETINGS, PRESENT, ENROLLED = 16, 16, 20  # meetings of a lab, people at each, people enrolled
BIG_REPORT_LABS = 20  # 20 labs of 16 meetings and 16 people: 5,120 attendances in one report
LOADED_AT = datetime(2022, 1, 15, 9, tzinfo=UTC)
SEED = 2019


@dataclass(frozen=True)
class Size:
    """How big a programme is; a lab has 256 attendances."""

    labs: int
    networks: int
    bodies: int


SIZES = {
    "region": Size(labs=200, networks=14, bodies=86),
    "lombardia": Size(labs=4_000, networks=35, bodies=400),
    "italy": Size(labs=20_000, networks=40, bodies=680),
}


@dataclass
class _Ids:
    """Where the ids of each kind of row begin."""

    networks: int
    bodies: int
    people: int
    labs: int
    meetings: int
    enrolments: int
    reports: int


class ScaleLoader:
    """Loads one size; `say` gets a line for each step with its time."""

    def __init__(self, size: str, say: Callable[[str], None]) -> None:
        self.size = SIZES[size]
        self.slug = f"scala-{size}"
        self.say = say
        # The last body has one big report and is left to be validated by whoever measures.
        self.labs = self.size.labs + BIG_REPORT_LABS
        self.people = self.size.labs * 10

    def load(self) -> None:
        """Replace the programme of this size, in one transaction."""
        started = perf_counter()
        with acting(None), transaction.atomic():
            with connection.cursor() as cursor:
                # Triggers and foreign keys stay off until the commit; needs a superuser, as the embedded one is.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute("SET LOCAL work_mem = '256MB'")
            with self._step("earlier load removed"):
                remove(self.slug)
            written = define(self.slug, self.people)
            self.programme, self.types, self.country = written.programme, written.types, written.country
            self.groups, self.periods = written.groups, written.periods
            with self._step("bodies, people, labs, reports"):
                self._reserve_all()
                self._bodies()
                self._people()
                self._labs()
            with self._step(f"{self.labs * MEETINGS * PRESENT:,} attendances"):
                self._attendances()
            with connection.cursor() as cursor:
                for table in _ANALYSED:
                    cursor.execute(f"ANALYZE {table}")
            self._ledger()
        with connection.cursor() as cursor:
            for table in _LEDGER:
                cursor.execute(f"ANALYZE {table}")
        self.say(f"{self.slug}: {perf_counter() - started:.1f} s in all")

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.say(f"  {name}: {perf_counter() - started:.1f} s")

    # --- definition ------------------------------------------------------------------------------------------------

    # --- rows ------------------------------------------------------------------------------------------------------

    def _reserve_all(self) -> None:
        size = self.size
        self.ids = _Ids(
            networks=reserve("partners_network", size.networks),
            bodies=reserve("partners_organisation", size.bodies),
            people=reserve("beneficiaries_beneficiary", self.people),
            labs=reserve("actions_activity", self.labs),
            meetings=reserve("actions_meeting", self.labs * MEETINGS),
            enrolments=reserve("beneficiaries_enrolment", self.labs * ENROLLED),
            reports=reserve("reporting_activityreport", size.bodies * len(self.periods)),
        )

    def _network_of(self, body: int) -> int:
        return body % self.size.networks

    def _body_of(self, lab: int) -> int:
        return self.size.bodies - 1 if lab >= self.size.labs else lab % (self.size.bodies - 1)

    def _bodies(self) -> None:
        size, ids = self.size, self.ids
        copy(
            "partners_network",
            "id, uuid, code, name, kind, version",
            (
                (
                    ids.networks + n,
                    f"{ids.networks + n:032x}",
                    f"{self.slug}-{n}",
                    f"Rete {n} ({self.slug})",
                    NetworkKind.TERRITORIAL_AREA,
                    1,
                )
                for n in range(size.networks)
            ),
        )
        copy(
            "partners_organisation",
            "id, uuid, name, kind, nature, fiscal_code, vat_number, school_code, ipa_code, runts_number, informal_reason, "
            "address, pec, email, created_at, version",
            (
                (
                    ids.bodies + n,
                    f"{ids.bodies + n:032x}",
                    f"Ente {n} ({self.slug})",
                    OrganisationKind.COOPERATIVE,
                    Nature.PRIVATE,
                    "",
                    "",
                    "",
                    "",
                    "",
                    InformalReason.NOT_COLLECTED,
                    "",
                    "",
                    "",
                    LOADED_AT,
                    1,
                )
                for n in range(size.bodies)
            ),
        )
        copy(
            "partners_networkmember",
            "uuid, network_id, organisation_id, role, entered_on, exit_reason",
            (
                (
                    f"{ids.bodies + n:032x}",
                    ids.networks + self._network_of(n),
                    ids.bodies + n,
                    NetworkRole.MEMBER,
                    date(2019, 1, 1),
                    "",
                )
                for n in range(size.bodies)
            ),
        )
        copy(
            "actions_actionnetwork",
            "action_id, network_id",
            (
                (action.pk, ids.networks + n)
                for action in Action.objects.filter(programme=self.programme).order_by("pk")
                for n in range(size.networks)
            ),
        )
        last = self.periods[-1]
        copy(
            "reporting_activityreport",
            "id, uuid, programme_id, network_id, organisation_id, period_id, state, due_on, done, strengths, deviations, "
            "problems, team_changes, networks_built, figures, figures_sha256, version, submitted_at, submitted_by_id, "
            "validated_at, validated_by_id",
            (
                (
                    report,
                    f"{report:032x}",
                    self.programme.pk,
                    ids.networks + self._network_of(n),
                    ids.bodies + n,
                    period.pk,
                    "open",
                    period.due_on,
                    "Attività svolte.",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "{}",
                    "",
                    1,
                    None,
                    None,
                    None,
                    None,
                )
                for index, period in enumerate(self.periods)
                for n in range(size.bodies)
                for report in (ids.reports + index * size.bodies + n,)
                if period != last or n == size.bodies - 1
            ),
        )

    def _people(self) -> None:
        chance = random.Random(SEED)  # noqa: S311
        sexes = ("female", "male", "male", "female", "non_binary")

        def rows() -> Iterator[tuple[Any, ...]]:
            for n in range(self.people):
                person = self.ids.people + n
                pupil = n % 3 != 0
                age = chance.randrange(1100, 5800) if pupil else chance.randrange(6700, 25000)
                yield (
                    person,
                    f"{person:032x}",
                    self.programme.pk,
                    f"S{person:011d}",
                    f"s-{person}",
                    self.ids.bodies + n % self.size.bodies,
                    self.groups[not pupil].pk,
                    sexes[n % 5],
                    date(2019, 1, 1) - timedelta(days=age),
                    self.country.pk,
                    "declared",
                    LOADED_AT,
                    1,
                )

        copy(
            "beneficiaries_beneficiary",
            "id, uuid, programme_id, pseudonym, local_code, registered_by_id, target_group_id, sex, birth_date, "
            "citizenship_id, eligibility, created_at, version",
            rows(),
        )

    def _starts_on(self, lab: int) -> date:
        """Labs of the big report lie in the last quarter, the others anywhere before it."""
        if lab >= self.size.labs:
            return self.periods[-1].starts_on + timedelta(days=lab % 5)
        return date(2019, 1, 7) + timedelta(days=lab * 7 % 882)

    def _days(self, lab: int) -> list[date]:
        """Sixteen weekly meetings; those of the big report twice a week, to fit the quarter."""
        step = 4 if lab >= self.size.labs else 7
        return [self._starts_on(lab) + timedelta(days=step * n) for n in range(MEETINGS)]

    def _labs(self) -> None:
        ids = self.ids
        copy(
            "actions_activity",
            "id, uuid, programme_id, action_id, activity_type_id, network_id, organisation_id, title, description, "
            "starts_on, ends_on, state, version",
            (
                (
                    ids.labs + lab,
                    f"{ids.labs + lab:032x}",
                    self.programme.pk,
                    kind.action_id,
                    kind.pk,
                    ids.networks + self._network_of(body),
                    ids.bodies + body,
                    f"Laboratorio {lab}",
                    "",
                    self._starts_on(lab),
                    self._starts_on(lab) + timedelta(days=150),
                    "concluded",
                    1,
                )
                for lab in range(self.labs)
                for body in (self._body_of(lab),)
                for kind in (self.types[lab % len(self.types)],)
            ),
        )
        copy(
            "actions_meeting",
            "id, uuid, activity_id, held_on, starts_at, ends_at, minutes, topic, place, state, version",
            (
                (meeting, f"{meeting:032x}", ids.labs + lab, day, "14:00", "15:30", 90, "", "", "held", 1)
                for lab in range(self.labs)
                for n, day in enumerate(self._days(lab))
                for meeting in (ids.meetings + lab * MEETINGS + n,)
            ),
        )
        copy(
            "beneficiaries_enrolment",
            "id, activity_id, beneficiary_id, enrolled_on, withdrawal_reason, notice_version, notice_given_on, "
            "notice_given_to, entry_level, exit_level, withdrawal_code, test_kind, certificate_number, certificate_body",
            (
                (
                    ids.enrolments + lab * ENROLLED + n,
                    ids.labs + lab,
                    ids.people + person,
                    self._starts_on(lab),
                    "",
                    "1",
                    self._starts_on(lab),
                    "family",
                    *[""] * 6,
                )
                for lab in range(self.labs)
                for n, person in enumerate(self._enrolled(lab))
            ),
        )

    def _enrolled(self, lab: int) -> list[int]:
        """Mostly people of the same network; some come from anywhere."""
        chance = random.Random(SEED * 1_000_003 + lab)  # noqa: S311
        networks = self.size.networks
        own = self._network_of(self._body_of(lab))
        share = self.people // networks
        found: set[int] = set()
        while len(found) < ENROLLED:
            anywhere = chance.random() < 0.1
            found.add(chance.randrange(self.people) if anywhere else own + networks * chance.randrange(share))
        return sorted(found)

    def _attendances(self) -> None:
        ids = self.ids

        def lines() -> Iterator[str]:
            """One piece of text for each lab: every meeting misses four of the twenty, in turn."""
            for lab in range(self.labs):
                first_meeting = ids.meetings + lab * MEETINGS
                first_enrolment = ids.enrolments + lab * ENROLLED
                yield "".join(
                    f"{first_meeting + n}\t{first_enrolment + person}\tpresent\t90\n"
                    for n in range(MEETINGS)
                    for person in range(ENROLLED)
                    if (person + n + lab) % 5 != 0
                )

        copy_lines("beneficiaries_attendance", "meeting_id, enrolment_id, state, minutes", lines())

    # --- ledger ----------------------------------------------------------------------------------------------------

    def _ledger(self) -> None:
        posting = postings.open_posting(programme=self.programme, reason=PostingReason.REBUILD, by=None, at=LOADED_AT)
        ensure_scopes(self.programme.pk)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE reporting_activityscope, reporting_countingscope, reporting_activityreport")
        last = self.ids.reports + len(self.periods) * self.size.bodies - 1
        with self._step("facts"):
            count = facts.freeze(range(self.ids.reports, last), posting, first=True)
        self.say(f"    {count:,} facts")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE reporting_validatedfact")
            # From here on the ledger's own triggers work: they keep the totals.
            cursor.execute("SET LOCAL session_replication_role = origin")
        with self._step("entries and totals"):
            outcome = reconcile(posting)
        self.say(f"    {outcome.written:,} entries")


_ANALYSED = (
    "beneficiaries_attendance",
    "beneficiaries_enrolment",
    "beneficiaries_beneficiary",
    "actions_meeting",
    "actions_activity",
    "actions_activitytype",
    "actions_period",
    "reporting_activityreport",
)
_LEDGER = ("reporting_validatedfact", "reporting_resultentry", "reporting_resulttotal", "reporting_activityscope")
