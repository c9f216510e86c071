# SPDX-License-Identifier: EUPL-1.2
"""The second half of an import of recipients: what the plan found is written, in queries that do not grow with the rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from actions.models import Activity
from actions.services.activities import check_can_write
from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary, Enrolment, Fingerprint, Identity
from beneficiaries.permissions import check_can_enrol
from beneficiaries.selectors import role_in
from beneficiaries.services.bulk.recipients import PERSON, Kept, Scene, entry_of
from beneficiaries.services.enrolments import notice_given
from beneficiaries.services.identities import (
    NewIdentity,
    write_identities,
)
from beneficiaries.services.matching import Typed, count_once, link_or_queue, take_fingerprints
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries
from beneficiaries.services.registration import Names
from beneficiaries.services.supports import open_for_each
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.bulk import insert_rows
from fami_portal.core.imports import Line
from fami_portal.core.services import acting, gathering_events, record_event, record_events


def write_recipients(*, scene: Scene, lines: Sequence[Line], by: Any, at: datetime) -> None:
    """Write planned rows: recipients, identities sealed, enrolments; then each person is looked for in the programme.

    Inside the transaction of the import. In constant queries for each activity that the rows name. Raises what the
    services of single acts raise: then nothing of the file is written.
    """
    with acting(by), gathering_events():
        new = _register(scene, lines, by, at)
        _correct(lines, by)
        _enrol(scene, lines, new, by)
        _take_in_charge(scene, lines, by)
        _level(lines, by)
        _name(scene, lines, new, by, at)
    for line in lines:
        line.note = line.kept.person.pseudonym


def _know_sizes() -> None:
    """Let the database count its rows again where it believes that there are few: it would compare all with all.

    Tables that an import fills within its transaction are counted by nobody else. Skipped while another one does it.
    """
    tables = [model._meta.db_table for model in (Beneficiary, Fingerprint)]
    with connection.cursor() as cursor:
        # A row takes some 130 bytes: more than 400 for each known one, and two of three are not known.
        cursor.execute(
            "SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[])"
            " AND pg_relation_size(oid) > 400 * greatest(reltuples, 20) ORDER BY relname",
            [tables],
        )
        for table in [row[0] for row in cursor.fetchall()]:
            try:
                with transaction.atomic():
                    cursor.execute("SET LOCAL lock_timeout = '500ms'")
                    cursor.execute(f"ANALYZE {table}")
            except OperationalError:  # it is being counted
                continue
            finally:
                cursor.execute("RESET lock_timeout")


def _register(scene: Scene, lines: Sequence[Line], by: Any, at: datetime) -> set[int]:
    """Register those that the portal has not, each once; return their ids."""
    first: dict[str, Line] = {}
    for line in lines:
        if line.kept.person is None:
            first.setdefault(line.kept.code, line)
    rows = register_beneficiaries(
        programme=scene.programme,
        registered_by=scene.body,
        people=[
            NewBeneficiary(
                target_group=line.values["target_group"],
                local_code=code,
                sex=line.values["sex"],
                birth_date=line.values["birth_date"],
                citizenship=line.values["citizenship"],
                eligibility=Eligibility.DECLARED if line.values["declared"] else Eligibility.UNVERIFIED,
            )
            for code, line in first.items()
        ],
        by=by,
        at=at,
    )
    made = dict(zip(first, rows, strict=True))
    for line in lines:
        if line.kept.person is None:
            line.kept.person = made[line.kept.code]
    return {row.pk for row in rows}


def _correct(lines: Sequence[Line], by: Any) -> None:
    changed = {line.kept.person.pk: line for line in lines if line.kept.corrected}
    people = []
    for line in changed.values():
        person = line.kept.person
        for name in PERSON:
            setattr(person, name, line.values[name])
        person.version += 1
        people.append(person)
    if people:
        Beneficiary.objects.bulk_update(people, [*PERSON, "version"], batch_size=500)
        record_events(by=by, verb="beneficiary_updated", targets=people)


def _enrol(scene: Scene, lines: Sequence[Line], new: set[int], by: Any) -> None:
    """Enrol in all activities at once, in five queries; the plan has checked the days and the notices."""
    wanted = [line for line in lines if line.kept.enrolment is None]
    if not wanted:
        return
    activities = Activity.objects.select_for_update(of=("self",), no_key=True).with_type()
    locked = {
        one.pk: one for one in activities.filter(pk__in={line.kept.activity.pk for line in wanted}).order_by("pk")
    }
    for activity in locked.values():
        check_can_write(by, activity)
        if by is not None:
            check_can_enrol(by, activity)
    known = {line.kept.person.pk for line in wanted} - new
    # Waits for an erasure of the same person, as a single enrolment does.
    people = Beneficiary.objects.select_for_update(of=("self",), no_key=True)
    for person in people.filter(pk__in=known).order_by("pk") if known else ():
        check_can_work_on(person, field="local_code")
    rows = [_row(scene, line, locked[line.kept.activity.pk]) for line in wanted]
    insert_rows(rows)
    for line, row in zip(wanted, rows, strict=True):
        line.kept.enrolment = row
    made: dict[int, list[int]] = {}
    for row in rows:
        made.setdefault(row.activity_id, []).append(row.pk)
    for pk, enrolments in made.items():
        record_event(by=by, verb="enrolled", target=locked[pk], data={"enrolments": enrolments})


def _take_in_charge(scene: Scene, lines: Sequence[Line], by: Any) -> None:
    """Open the supports that are still to be opened, in constant queries for each activity."""
    wanted: dict[int, tuple[Activity, list[tuple[Enrolment, str]]]] = {}
    for line in lines:
        kept: Kept = line.kept
        if kept.opens and kept.enrolment is not None:
            wanted.setdefault(kept.activity.pk, (kept.activity, []))[1].append((kept.enrolment, kept.follow))
    for _pk, (activity, people) in sorted(wanted.items()):
        open_for_each(activity=activity, people=people, by=by, today=scene.today)


def _row(scene: Scene, line: Line, activity: Activity) -> Enrolment:
    values, group = line.values, line.values["target_group"]
    place = (group.pk, activity.activity_type_id)
    if place not in scene.roles:
        scene.roles[place] = role_in(group, activity)
    entry = entry_of(line, line.kept.person)
    notice = notice_given(activity, scene.versions(activity), entry)
    return Enrolment(
        activity=activity,
        beneficiary=line.kept.person,
        target_group=scene.roles[place],
        enrolled_on=values["enrolled_on"],
        notice=notice,
        notice_version=notice.code if notice else "",
        notice_given_on=values["notice_given_on"] if notice else None,
        notice_given_to=values["notice_given_to"] if notice else "",
        notice_language=values["notice_language"] if notice else None,
        entry_level=values["entry_level"],
    )


def _level(lines: Sequence[Line], by: Any) -> None:
    changed = [line for line in lines if line.kept.levelled]
    rows = []
    for line in changed:
        line.kept.enrolment.entry_level = line.values["entry_level"]
        rows.append(line.kept.enrolment)
    if rows:
        Enrolment.objects.bulk_update(rows, ["entry_level"], batch_size=500)
        record_events(by=by, verb="levels_recorded", targets=[line.kept.activity for line in changed])


def _name(scene: Scene, lines: Sequence[Line], new: set[int], by: Any, at: datetime) -> None:
    """Seal the names that are new or changed, and compare anew whoever was named or born otherwise."""
    fresh: dict[int, tuple[Beneficiary, Names]] = {}
    renamed: dict[int, tuple[Beneficiary, Names]] = {}
    reborn: dict[int, tuple[Identity, str, str, str]] = {}
    for line in lines:
        kept: Kept = line.kept
        person: Any = kept.person
        if kept.names is not None and (person.pk in new or kept.renamed):
            (fresh if person.pk in new else renamed)[person.pk] = (person, kept.names)
        elif kept.corrected and kept.typed is not None and "birth_date" in line.changes:
            kept.typed[0].beneficiary = person
            reborn[person.pk] = kept.typed
    for named, is_new in ((fresh, True), (renamed, False)):
        if named:
            entries = [
                NewIdentity(person, who.given_name, who.family_name, who.tax_code, who.tax_code_missing, fresh=is_new)
                for person, who in named.values()
            ]
            identities = write_identities(entries=entries, organisation=scene.body, by=by)
            people = [
                Typed(identity, who.given_name, who.family_name, who.tax_code)
                for identity, (_person, who) in zip(identities, named.values(), strict=True)
            ]
            fingerprints = take_fingerprints(people=_together(scene, people), renewed=not is_new)
            _know_sizes()
            link_or_queue(people=people, fingerprints=fingerprints, by=by, at=at, fresh=is_new)
    if reborn:
        people = [Typed(*typed) for typed in reborn.values()]
        count_once(people=_together(scene, people), by=by, at=at, renewed=True)


def _together(scene: Scene, people: list[Typed]) -> list[Typed]:
    """Let the records say their programme without reading it again for each."""
    for one in people:
        one.identity.beneficiary.programme = scene.programme
    return people
