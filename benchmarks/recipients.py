# SPDX-License-Identifier: EUPL-1.2
"""Measures how a person is counted once among very many, on invented fingerprints.

    python benchmarks/recipients.py [PERSONS]

The programme has 1,000,000 persons (or as many as told), each with four fingerprints. They are written in one
transaction that is rolled back at the end, so nothing of it stays. Prints one line per measure,
`name: ours …, reference …, ratio …`, measured side by side in this run:

* one registration with everything (record, declaration, enrolment, sealed name, both checks, link, history), of somebody
  new and of somebody whom another body has registered, against bare inserts of the same record, name and fingerprints;
* its database time against the 20 milliseconds that we hold ourselves to, and its queries against 12;
* the fingerprints and both checks of one person alone, against one bare look-up of the same digests;
* the candidates of an import of 22,000 persons (or a tenth of the programme), against one bare join of the same rows.
"""

import os
import statistics
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

from fami_portal import embedded

embedded.ensure()

import django  # noqa: E402

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from stdnum import luhn  # noqa: E402

from actions.enums import ActivityKind  # noqa: E402
from actions.models import Activity  # noqa: E402
from beneficiaries.models import Beneficiary, Identity  # noqa: E402
from beneficiaries.selectors.matching import fingerprints_of  # noqa: E402
from beneficiaries.services.matching import Typed, count_once  # noqa: E402
from beneficiaries.services.registration import Names, register_and_enrol  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from tests.factories.actions import ActivityFactory, ProgrammeFactory, TargetGroupFactory  # noqa: E402
from tests.factories.partners import CountryFactory, OrganisationFactory  # noqa: E402

PERSONS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
IMPORTED = min(22_000, PERSONS // 10)
MILLISECONDS, IMPORT_SECONDS, QUERIES = 20, 60, 12
SAMPLES = 15
# No statements of the work: the marks of transactions, and the name of who acts.
MARKS = ("SAVEPOINT", "RELEASE", "SELECT set_config")

# Names that are no names: letters drawn from a number, few enough for some to be alike.
FILL = """
WITH made AS (
    INSERT INTO beneficiaries_beneficiary (uuid, programme_id, pseudonym, local_code, registered_by_id, target_group_id,
           sex, birth_date, citizenship_id, eligibility, created_at, version)
    SELECT gen_random_uuid(), %(programme)s, 'B' || n, 'B-' || n, %(body)s, %(group)s, 'female',
           date '2005-01-01' + (n %% 4000), %(country)s, 'declared', now(), 1
      FROM generate_series(%(first)s, %(last)s) AS n
    RETURNING id, birth_date
), sealed AS (
    INSERT INTO beneficiaries_identity (uuid, beneficiary_id, organisation_id, given_name, family_name, tax_code,
           tax_code_missing, key_id, created_at, version)
    SELECT gen_random_uuid(), id, %(body)s, '', '', '', 'not_asked', 'k1', now(), 1 FROM made
    RETURNING id, beneficiary_id
)
INSERT INTO beneficiaries_fingerprint (identity_id, beneficiary_id, kind, digest)
SELECT sealed.id, sealed.beneficiary_id, kind, sha256((kind || sealed.beneficiary_id)::bytea)
  FROM sealed, unnest(ARRAY['tax_code', 'name_and_birth', 'phonetic', 'name_and_year']) AS kind
"""
BARE_LOOKUP = "SELECT beneficiary_id, kind FROM beneficiaries_fingerprint WHERE digest = ANY(%s)"
BARE_JOIN = """
SELECT count(*) FROM beneficiaries_fingerprint AS mine
  JOIN beneficiaries_fingerprint AS other ON other.digest = mine.digest AND other.identity_id <> mine.identity_id
 WHERE mine.identity_id = ANY(%s)
"""


def line(name: str, ours: float, reference: float, unit: str = "ms", decimals: int = 2) -> None:
    """Print one measure."""
    ratio = ours / reference if reference else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.2f}")


def letters(number: int) -> str:
    """Return a word that is no name."""
    word = ""
    while number or not word:
        number, rest = divmod(number, 12)
        word += "bdflmnrstcje"[rest] + "aeiou"[rest % 5]
    return word


class Scene:
    """The programme and its persons."""

    def __init__(self) -> None:
        self.programme = ProgrammeFactory(notice_required=False)
        self.values = {
            "programme": self.programme,
            "registered_by": OrganisationFactory(),
            "target_group": TargetGroupFactory(programme=self.programme),
            "citizenship": CountryFactory(),
        }
        with connection.cursor() as cursor:
            # The history of a million invented rows is not what is measured.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(FILL, self.numbered(1, PERSONS))
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("ANALYZE beneficiaries_fingerprint, beneficiaries_beneficiary, beneficiaries_identity")

    def numbered(self, first: int, last: int) -> dict[str, int]:
        """Return what `FILL` needs to write some persons."""
        return {
            "programme": self.programme.pk,
            "body": self.values["registered_by"].pk,
            "group": self.values["target_group"].pk,
            "country": self.values["citizenship"].pk,
            "first": first,
            "last": last,
        }

    def people(self, number: int, start: int) -> list[Typed]:
        """Return new persons with empty identities and the words typed of them; some names come twice."""
        rows = Beneficiary.objects.bulk_create(
            [
                Beneficiary(
                    **self.values,
                    pseudonym=f"N{start + place}",
                    local_code=f"N-{start + place}",
                    sex="male",
                    birth_date=date(2010, 1 + place % 12, 1 + place % 28),
                )
                for place in range(number)
            ],
            batch_size=5000,
        )
        identities = Identity.objects.bulk_create(
            [
                Identity(
                    beneficiary=row,
                    organisation=self.values["registered_by"],
                    given_name=b"",
                    family_name=b"",
                    tax_code_missing="not_asked",
                    key_id="k1",
                )
                for row in rows
            ],
            batch_size=5000,
        )
        return [
            Typed(identity, letters(start + place % (number - number // 50 or 1)), letters(7 * start + place % 900))
            for place, identity in enumerate(identities)
        ]


def measure_registration(scene: Scene) -> None:
    """One registration after another: every second one is of the person before, in another body."""
    activity = ActivityFactory(
        activity_type__action__programme=scene.programme, activity_type__kind=ActivityKind.SUPPORT
    )
    activity = Activity.objects.select_related("programme", "activity_type").get(pk=activity.pk)
    bodies = scene.values["registered_by"], OrganisationFactory()
    found: dict[bool, list[float]] = {False: [], True: []}
    queries: dict[bool, int] = {False: 0, True: 0}
    bare = []
    for sample in range(2 * SAMPLES):
        number = f"{sample // 2:010d}"
        with CaptureQueriesContext(connection) as captured:
            made = register_and_enrol(
                activity=activity,
                registered_by=bodies[sample % 2],
                target_group=scene.values["target_group"],
                local_code=f"R-{sample}",
                sex="female",
                birth_date=date(2010, 5, 17),
                citizenship=scene.values["citizenship"],
                eligibility="declared",
                enrolled_on=date(2019, 3, 1),
                notice_version="",
                notice_given_on=None,
                names=Names(letters(9000 + sample // 2), letters(7), number + luhn.calc_check_digit(number)),
                by=None,
                at=timezone.now(),
            )
        known = made.already_present
        if known is not bool(sample % 2):
            raise SystemExit("who is known was not recognised, or somebody new was")
        asked = [row for row in captured if not row["sql"].startswith(MARKS)]
        found[known].append(sum(float(row["time"]) for row in captured) * 1000)
        queries[known] = max(queries[known], len(asked))
        bare.append(_timed(f"{FILL} RETURNING id", scene.numbered(PERSONS + 1 + sample, PERSONS + 1 + sample)) * 1000)
    for known, words in ((False, "somebody new"), (True, "somebody known")):
        name = f"registering {words} among {PERSONS:,}"
        line(name, statistics.median(found[known]), statistics.median(bare))
        line(f"{name}, database time", statistics.median(found[known]), MILLISECONDS)
        line(f"{name}, queries", queries[known], QUERIES, unit="queries", decimals=0)


def measure_one(scene: Scene) -> None:
    """One registration after another: what the checks ask of the database."""
    ours, bare, queries = [], [], 0
    for sample in range(SAMPLES):
        [one] = scene.people(1, 1000 + sample)
        with CaptureQueriesContext(connection) as captured:
            count_once(people=[one], by=None, at=timezone.now())
        ours.append(sum(float(query["time"]) for query in captured) * 1000)
        queries = max(queries, len(captured))
        digests = [
            digest
            for _kind, digest in fingerprints_of(
                programme_uuid=scene.programme.uuid,
                given_name=one.given_name,
                family_name=one.family_name,
                birth_date=one.identity.beneficiary.birth_date,
            )
        ]
        bare.append(_timed(BARE_LOOKUP, digests) * 1000)
    line(f"one person among {PERSONS:,}, both checks", statistics.median(ours), statistics.median(bare))
    line(f"one person among {PERSONS:,}, database time", statistics.median(ours), MILLISECONDS)
    line("queries of both checks", queries, QUERIES, unit="queries", decimals=0)


def measure_import(scene: Scene) -> None:
    """An import: all its candidates at once."""
    people = scene.people(IMPORTED, 50_000)
    started = perf_counter()
    count_once(people=people, by=None, at=timezone.now())
    ours = perf_counter() - started
    line(
        f"candidates of {IMPORTED:,} imported persons",
        ours,
        _timed(BARE_JOIN, [one.identity.pk for one in people]),
        unit="s",
    )
    line(f"candidates of {IMPORTED:,} imported persons, limit", ours, IMPORT_SECONDS, unit="s")


def _timed(sql: str, value: Any) -> float:
    started = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, value if isinstance(value, dict) else [value])
        cursor.fetchall()
    return perf_counter() - started


def main() -> None:
    """Fill, measure, roll back."""
    with transaction.atomic(), acting(None):
        scene = Scene()
        measure_registration(scene)
        measure_one(scene)
        measure_import(scene)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
