# SPDX-License-Identifier: EUPL-1.2
"""Retention with time travel: nothing goes before its day and its notice, held things stay, figures do not move."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityKind
from beneficiaries.models import Beneficiary, Fingerprint, Identity
from beneficiaries.services.erasure import ErasureRefusedError, anonymise
from fami_portal.core import clock, jobs, outbox
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent, Job, Message
from fami_portal.core.services import acting
from mediation.enums import RequestState
from mediation.models import AccessLink, HourAccount, MediationRequest
from partners.models import Invitation
from privacy.enums.retention import Anchor, DataClass, HoldScope, RunState
from privacy.models import LegalHold, RetentionLine, RetentionNotice, RetentionRun
from privacy.selectors.retention import outlook, situation
from privacy.selectors.retention_parts import parts_of
from privacy.selectors.retention_reports import digest_of
from privacy.selectors.retention_rules import NOTICE_DAYS, add_months, last_let_go
from privacy.services import retention as services
from privacy.services import retention_runs
from reporting.models import ResultTotal
from tests.actions.scene import Scene, build
from tests.beneficiaries import dump
from tests.beneficiaries.people import known
from tests.factories.beneficiaries import EnrolmentFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory

FIRST = date(2021, 3, 1)
WHY = "Verbale del comitato"
GIVEN, FAMILY, WORDS, CONTACT = "Zahratulqamar", "Olafsdottirsson", "Zoppica dopo la caduta", "Ermenegilda"


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


def travel(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let the clock of the work say that it is another day."""
    monkeypatch.setattr(clock, "now", lambda: at(day))
    monkeypatch.setattr(clock, "today", lambda: day)


def dates(scene: Scene, *, control_until: date = FIRST, closed_on: date = date(2020, 12, 31)) -> None:
    services.set_dates(
        programme=scene.programme,
        closed_on=closed_on,
        control_until=control_until,
        reason=WHY,
        version=0,
        by=scene.region,
        at=at(date(2021, 1, 10)),
    )


def night(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """What the night of a day does, its jobs too."""
    travel(monkeypatch, day)
    retention_runs.run_daily(at=at(day))
    for job in Job.objects.filter(kind=retention_runs.JOB, state=JobState.QUEUED).order_by("pk"):
        assert jobs.run_job(job.pk, heartbeat=False), Job.objects.get(pk=job.pk).error


def named(*people: Beneficiary) -> set[int]:
    rows = Identity.objects.filter(beneficiary__in=people, destroyed_at__isnull=True).order_by("pk")
    return set(rows.values_list("beneficiary_id", flat=True))


@given(day=st.dates(date(2019, 1, 1), date(2030, 12, 31)), months=st.integers(0, 130))
@settings(max_examples=25)
def test_what_may_go_is_exactly_what_ended_long_enough_ago(day: date, months: int) -> None:
    last = last_let_go(day, months)

    assert add_months(last, months) <= day < add_months(last + timedelta(days=1), months)


@given(
    control=st.integers(0, 90),
    months=st.integers(0, 3),
    hold=st.tuples(st.sampled_from(["programme", "body", "recipient"]), st.integers(-40, 160), st.integers(0, 90)),
    visits=st.lists(st.integers(0, 300), min_size=3, max_size=4, unique=True),
)
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nothing_goes_before_its_day_and_everything_after(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    control: int,
    months: int,
    hold: tuple[str, int, int],
    visits: list[int],
) -> None:
    """A hold and a due day at random, nights at random: each person goes in the first night that may take it."""
    # Kept by the scene: made inside they would be gone with the example.
    assert {scene.region.pk, scene.operator.pk, scene.contact.pk}
    with transaction.atomic():
        people = [known(scene, "Ada", "Uno"), known(scene, "Bea", "Due"), known(scene, "Cia", "Tre", body=scene.school)]
        due = add_months(FIRST + timedelta(days=control), months)
        dates(scene, control_until=FIRST + timedelta(days=control))
        if months:
            services.change_rule(
                programme=scene.programme, data_class=DataClass.IDENTITIES, months=months, anchor=Anchor.CONTROL_END,
                basis="Circolare", reason=WHY, version=0, by=scene.region, at=at(FIRST),
            )  # fmt: skip
        kind, start, length = hold
        begins = FIRST + timedelta(days=start)
        ends = begins + timedelta(days=length)
        placed = services.place_hold(
            programme=scene.programme, scope=kind, reason="Contenzioso", act="Tribunale, n. 1", starts_on=begins,
            organisation=scene.school if kind == "body" else None,
            beneficiary=people[0] if kind == "recipient" else None,
            ends_on=ends, by=scene.region, at=at(FIRST),
        )  # fmt: skip
        held = {"programme": set(people), "body": {people[2]}, "recipient": {people[0]}}[kind]
        told: list[tuple[date, date]] = []  # sent, due
        for offset in sorted(visits):
            day = FIRST + timedelta(days=offset)
            before = named(*people)
            under = {one.pk for one in held} if placed.is_in_force(day) else set()
            night(monkeypatch, day)
            ripe = any(to <= day and due <= to for _sent, to in told)
            for notice in RetentionNotice.objects.filter(data_class=DataClass.IDENTITIES).order_by("pk"):
                if (notice.sent_on, notice.due_on) not in told:
                    told.append((notice.sent_on, notice.due_on))
                    assert notice.due_on - notice.sent_on == timedelta(days=NOTICE_DAYS)
                    assert notice.sent_on == day >= due - timedelta(days=NOTICE_DAYS)
            assert named(*people) == (before & under if ripe else before)
            if day < due:
                assert before == {one.pk for one in people}
        transaction.set_rollback(True)


def test_a_long_wait_takes_everything_and_leaves_the_figures(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = known(scene, GIVEN, FAMILY, "RSSMRA80A01H501U", local_code="ZZ-7788")
    held = known(scene, "Ada", "Ferma")
    activity = scene.activity(ActivityKind.LAB)
    with acting(None):
        EnrolmentFactory(activity=activity, beneficiary=one, withdrawal_reason=WORDS)
    before = list(ResultTotal.objects.order_by("pk").values_list())
    dates(scene)
    hold = services.place_hold(
        programme=scene.programme, scope=HoldScope.RECIPIENT, beneficiary=held, reason="Ricorso", act="TAR 12/2021",
        starts_on=FIRST, by=scene.region, at=at(FIRST),
    )  # fmt: skip
    messages = Message.objects.filter(kind="privacy.retention_notice")

    night(monkeypatch, FIRST - timedelta(days=31))
    assert not messages.exists()
    night(monkeypatch, FIRST - timedelta(days=NOTICE_DAYS))
    night(monkeypatch, FIRST - timedelta(days=NOTICE_DAYS))
    # Identities and records, to the one operator of the cooperative: twice the same night told once.
    assert messages.count() == 2
    assert {row.recipient for row in messages} == {scene.operator}
    assert any("Il 1 marzo 2021 saranno distrutti i nomi di 2 destinatari." in row.body for row in messages)
    outbox.send_pending_mail()
    assert dump.in_text("\n".join(sent.subject + sent.body for sent in mail.outbox), [GIVEN, FAMILY, "ZZ-7788"]) == []
    night(monkeypatch, FIRST - timedelta(days=1))
    assert named(one, held) == {one.pk, held.pk}
    with pytest.raises(DomainError, match="nulla da distruggere"):
        retention_runs.start_run(programme=scene.programme, by=scene.region, at=at(FIRST - timedelta(days=1)))

    night(monkeypatch, FIRST)
    assert named(one, held) == {held.pk}
    assert not Fingerprint.objects.filter(beneficiary=one).exists()
    assert dump.in_database([GIVEN, FAMILY, "RSSMRA80A01H501U", "ZZ-7788", WORDS]) == {}
    assert list(ResultTotal.objects.order_by("pk").values_list()) == before
    with pytest.raises(ErasureRefusedError):
        anonymise(beneficiaries=[held], by=scene.region, at=at(FIRST), reason=WHY)
    run = RetentionRun.objects.get(programme=scene.programme)
    lines = {line.part: line for line in RetentionLine.objects.filter(run=run).order_by("pk")}
    assert (lines["identity"].destroyed, lines["identity"].held) == (1, 1)
    assert (lines["recipient"].destroyed, lines["recipient"].held) == (1, 1)
    assert run.state == RunState.DONE
    assert run.report is not None
    assert AuditEvent.objects.get(verb="destruction_done").data == {"number": 2, "sha256": run.report.sha256}
    assert digest_of(run) == digest_of(run)

    services.lift_hold(hold=hold, reason="Sentenza", version=1, by=scene.region, at=at(FIRST))
    night(monkeypatch, FIRST + timedelta(days=1))
    assert named(one, held) == set()
    night(monkeypatch, FIRST + timedelta(days=2))
    assert RetentionRun.objects.count() == 2


def _ended(scene: Scene, on: date, **values: Any) -> MediationRequest:
    with acting(None):
        account = HourAccount.objects.filter(programme=scene.programme).first() or HourAccountFactory(
            programme=scene.programme, network=scene.network
        )
        request = MediationRequestFactory(
            programme=scene.programme, network=scene.network, organisation=scene.school, account=account,
            contact_name=CONTACT, reason=WORDS, urgency_reason=f"{WORDS} ieri",
        )  # fmt: skip
        MediationRequest.objects.filter(pk=request.pk).update(
            state=RequestState.CANCELLED, number=f"A1-{request.pk}", submitted_at=at(on), last_day=on,
            state_since=at(on), urgency_reason=f"{WORDS} oggi", **values,
        )  # fmt: skip
    return request


def test_words_of_cases_drafts_and_invitations_go_by_their_own_age(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = _ended(scene, date(2019, 3, 1))
    younger = _ended(scene, date(2019, 3, 2))
    with acting(None):
        draft = MediationRequestFactory(
            programme=scene.programme, network=scene.network, organisation=scene.school, reason="Bozza Gerundiva"
        )
        MediationRequest.objects.filter(pk=draft.pk).update(created_at=at(date(2020, 3, 1)))
        opened = MediationRequestFactory(
            programme=scene.programme, network=scene.network, organisation=scene.school, reason="Bozza Gerundiva bis"
        )
        MediationRequest.objects.filter(pk=opened.pk).update(created_at=at(date(2020, 3, 1)))
        AccessLink.objects.create(
            purpose="authorise", token_sha256="y", organisation=scene.school, request=opened, address="gerundiva@example.org",
            created_at=at(date(2020, 3, 1)), expires_at=at(date(2020, 3, 4)), maximum_uses=1,
        )  # fmt: skip
        invitation = Invitation.objects.create(
            email="zenobia@example.org", given_name="Zenobia", organisation=scene.school, role="teacher",
            token_sha256="x", expires_at=at(date(2020, 3, 4)),
        )  # fmt: skip
        Invitation.objects.filter(pk=invitation.pk).update(created_at=at(date(2020, 3, 1)))
        known(scene, GIVEN, FAMILY)

    night(monkeypatch, date(2021, 2, 28))
    assert not RetentionRun.objects.exists()
    night(monkeypatch, date(2021, 3, 1))

    ended.refresh_from_db()
    assert (ended.contact_name, ended.reason, ended.case_code, ended.birth_year) == ("", "", "", None)
    assert ended.texts_destroyed_at == at(date(2021, 3, 1))
    assert (ended.state, ended.minutes_asked) == (RequestState.CANCELLED, 60)
    assert not MediationRequest.objects.filter(pk=draft.pk).exists()
    opened.refresh_from_db()
    assert (opened.reason, opened.contact_name) == ("", "")
    younger.refresh_from_db()
    assert younger.reason == WORDS
    night(monkeypatch, date(2021, 3, 2))
    # From the history of the rows too, which keeps the reason of an urgency.
    assert dump.in_database([WORDS, CONTACT, "Gerundiva", "Zenobia", "zenobia@example.org"]) == {}
    # Names of recipients have another rule, and dates that nobody has set.
    assert Identity.objects.filter(destroyed_at__isnull=True).count() == 1


def test_a_killed_worker_changes_nothing_twice(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [known(scene, f"Nome{letter}", f"Cognome{letter}") for letter in "abcde"]
    dates(scene)
    monkeypatch.setattr(retention_runs, "BATCH", 2)
    monkeypatch.setattr(retention_runs.destroy_batch, "__kwdefaults__", {"after": 0, "size": 2})
    for offset in (-NOTICE_DAYS, 0):
        travel(monkeypatch, FIRST + timedelta(days=offset))
        retention_runs.run_daily(at=at(FIRST + timedelta(days=offset)))
    run = RetentionRun.objects.get()
    job = Job.objects.get(kind=retention_runs.JOB)
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    part = parts_of(DataClass.IDENTITIES)[0]
    with claimed.fenced():
        retention_runs.destroy_batch(run=run, part=part)
    # Another worker takes over: what the first one was doing is rolled back with its counts.
    Job.objects.filter(pk=job.pk).update(attempt=2)
    with pytest.raises(jobs.StaleWorker), claimed.fenced():
        retention_runs.destroy_batch(run=run, part=part)
    assert len(named(*people)) == 3
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease_until=None)

    assert jobs.run_job(job.pk, heartbeat=False)
    assert named(*people) == set()
    assert RetentionLine.objects.get(run=run, part="identity").destroyed == 5
    assert not jobs.run_job(job.pk, heartbeat=False)


def test_rules_dates_and_holds_say_what_is_wrong(scene: Scene) -> None:
    now = at(FIRST)
    given_dates = {"programme": scene.programme, "reason": WHY, "version": 0, "by": scene.region, "at": now}
    with pytest.raises(NotPermitted):
        services.set_dates(closed_on=FIRST, control_until=FIRST, **(given_dates | {"by": scene.operator}))
    with pytest.raises(DomainError):
        services.set_dates(closed_on=FIRST, control_until=FIRST - timedelta(days=1), **given_dates)
    services.set_dates(closed_on=FIRST, control_until=FIRST, **given_dates)
    with pytest.raises(StaleError):
        services.set_dates(closed_on=FIRST, control_until=FIRST, **given_dates)
    rule = {
        "programme": scene.programme, "data_class": DataClass.CASE_TEXTS, "months": 6, "anchor": Anchor.CASE_ENDED,
        "basis": "Circolare 3", "reason": WHY, "version": 0, "by": scene.region, "at": now,
    }  # fmt: skip
    for wrong in ({"anchor": Anchor.WRITTEN}, {"reason": " "}, {"basis": ""}, {"data_class": DataClass.INVITATIONS}):
        with pytest.raises(DomainError):
            services.change_rule(**(rule | wrong))
    services.change_rule(**rule)
    with pytest.raises(StaleError):
        services.change_rule(**rule)
    services.change_rule(**(rule | {"months": 9, "version": 1}))
    assert situation(scene.programme, FIRST).rules[DataClass.CASE_TEXTS].months == 9
    changed = AuditEvent.objects.filter(verb="retention_rule_changed").order_by("-pk").first()
    assert changed is not None
    assert (changed.reason, changed.data["before"]["months"]) == (WHY, 6)
    stranger = {"scope": HoldScope.RECIPIENT, "beneficiary": None}
    with pytest.raises(DomainError):
        services.place_hold(
            programme=scene.programme, reason=WHY, act="TAR", starts_on=FIRST, by=scene.region, at=now, **stranger
        )
    assert not LegalHold.objects.exists()


def test_the_dry_run_counts_by_body_and_says_what_is_held(scene: Scene) -> None:
    known(scene, "Ada", "Uno")
    known(scene, "Bea", "Due", body=scene.school)
    dates(scene)
    services.place_hold(
        programme=scene.programme, scope=HoldScope.BODY, organisation=scene.school, reason=WHY, act="TAR",
        starts_on=FIRST, by=scene.region, at=at(FIRST),
    )  # fmt: skip

    early = {one.data_class: one for one in outlook(situation(scene.programme, FIRST - timedelta(days=1)))}
    late = {one.data_class: one for one in outlook(situation(scene.programme, FIRST))}

    assert early[DataClass.IDENTITIES].due == 0
    assert {row.body: (row.due, row.held) for row in late[DataClass.IDENTITIES].rows} == {
        scene.cooperative.pk: (1, 0),
        scene.school.pk: (1, 1),
    }
    assert [one.free for one in outlook(situation(scene.programme, FIRST), ripe=True)] == [0] * len(late)
