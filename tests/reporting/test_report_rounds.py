# SPDX-License-Identifier: EUPL-1.2
"""The rounds of an activity report: comments on items, words alone, versions and frozen copy, more days, timeliness."""

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.models import ClosedPeriod
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting
from reporting.enums import PostingReason, ReopenScope
from reporting.ledger import postings
from reporting.ledger.reconcile import reconcile
from reporting.models import (
    ActivityReport,
    DraftFact,
    DueExtension,
    MergedReport,
    Posting,
    ProvisionalTotal,
    ReportComment,
    ReportVersion,
    ResultEntry,
    ValidatedFact,
)
from reporting.rendering.report_copy import render_copy
from reporting.selectors import frozen, timeliness
from reporting.selectors.report_calendar import slots
from reporting.selectors.report_checks import problems
from reporting.selectors.report_versions import box_differences, copy_is_intact, figure_differences, text_pieces
from reporting.services import activity_reports as services
from reporting.services import report_rounds as rounds
from tests.factories.actions import ActionNetworkFactory
from tests.factories.partners import NetworkFactory, NetworkMemberFactory, OrganisationFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db
FEBRUARY = date(2019, 2, 5)
WORDS = dict.fromkeys(ActivityReport.NARRATIVE, "Nulla da segnalare.")


def prepare() -> World:
    made = build()
    made.meet(0, FEBRUARY, [made.person(), made.person()])
    made.report(0, 0)
    return made


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def write(world: World, **values: Any) -> None:
    report = world.report(0, 0)
    services.save_narrative(report=report, values=values, version=report.version, by=world.operators[0])


def comment(world: World, item: str = "box:done", text: str = "Quanti incontri?", **more: Any) -> ReportComment:
    return rounds.comment_on(report=world.report(0, 0), item=item, text=text, by=world.region, at=NOW, **more)


# --- opening -------------------------------------------------------------------------------------------------------


def test_a_period_is_opened_by_one_statement_for_all_its_bodies(world: World) -> None:
    network = NetworkFactory()
    ActionNetworkFactory(action=world.actions["01"], network=network)
    for _number in range(15):
        NetworkMemberFactory(network=network, organisation=OrganisationFactory(), role="member")
    with CaptureQueriesContext(connection) as queries:
        opened = services.open_activity_reports(period=world.periods[0], by=None, at=NOW)
    assert opened == 16  # with the lead of the second network: that of the first was there
    writes = [row["sql"] for row in queries if "INSERT INTO reporting_" in row["sql"]]
    assert len(writes) == 1
    assert MergedReport.objects.filter(period=world.periods[0]).count() == 4  # three networks and the region
    # Who carries nothing out owes nothing.
    assert services.open_activity_reports(period=world.periods[0], by=None, at=NOW) == 0


def test_the_calendar_opens_what_has_just_ended_and_nothing_of_the_past(world: World) -> None:
    end = datetime(2019, 3, 31, 12, tzinfo=UTC)
    assert [slot.name for slot in slots(end)] == []
    assert [slot.name for slot in slots(end + timedelta(days=1))] == [f"{world.programme.slug}:2019-Q1"]
    assert [slot.name for slot in slots(end + timedelta(days=40))] == []


# --- comments ------------------------------------------------------------------------------------------------------


def test_comments_go_with_the_return_are_answered_and_settled_one_by_one(world: World) -> None:
    report = world.submit(0, 0)
    key = uuid4()
    first = comment(world, "figure:pupils", "Sono due o tre?", key=key)
    assert comment(world, "figure:pupils", "Sono due o tre?", key=key) == first  # a double click
    second = comment(world)
    with pytest.raises(DomainError):
        comment(world, "figure:nothing")
    with pytest.raises(NotPermitted):
        rounds.comment_on(report=report, item="report", text="x", by=world.operators[0], at=NOW)
    with pytest.raises(services.CommentsOpenError):
        services.validate(report=report, by=world.region, at=NOW)
    assert not Posting.objects.exists()
    with pytest.raises(TransitionNotAllowed):  # not sent yet
        rounds.answer(comment=first, text="Due", by=world.operators[0], at=NOW)

    services.return_for_changes(report=report, comment="", by=world.region, at=NOW)
    assert AuditEvent.objects.get(verb="return").reason.startswith("2 ")
    assert [row.code for row in problems(world.report(0, 0)) if row.blocking] == ["comment_unanswered"]
    with pytest.raises(services.ReportHasProblemsError):
        world.submit(0, 0)
    rounds.answer(comment=first, text="Due: il terzo è di un'altra scuola.", by=world.operators[0], at=NOW)
    rounds.answer(comment=second, text="Uno", by=world.operators[0], at=NOW)
    report = world.submit(0, 0)

    rounds.settle(comment=first, by=world.region, at=NOW)
    rounds.settle(comment=first, by=world.region, at=NOW + timedelta(days=1))
    assert first.resolved_at == NOW
    with pytest.raises(services.CommentsOpenError):
        services.validate(report=report, by=world.region, at=NOW)
    rounds.settle(comment=second, by=world.region, at=NOW)
    assert services.validate(report=report, by=world.region, at=NOW) is not None
    assert AuditEvent.objects.filter(verb="report_comment_settled").count() == 2


# --- words alone ---------------------------------------------------------------------------------------------------


def ledger() -> list[Any]:
    return [
        list(Posting.objects.order_by("pk").values_list("pk", "reason")),
        list(ValidatedFact.objects.order_by("pk").values_list("pk", "superseded_in")),
        list(ClosedPeriod.objects.order_by("pk").values_list("pk", "closed_at")),
        list(ProvisionalTotal.objects.exclude(quantity=0).order_by("pk").values_list("pk", "quantity")),
        DraftFact.objects.count(),
    ]


def test_words_alone_are_corrected_without_touching_a_fact(world: World) -> None:
    world.validate(0, 0)
    before, total = ledger(), world.total("pupils")
    figures = world.report(0, 0).figures

    report = world.report(0, 0)
    services.reopen(report=report, reason="Refuso", by=world.region, at=NOW, scope=ReopenScope.TEXT)
    assert ledger() == before
    assert frozen.gaps(world.programme, world.periods[0]) == []  # its figures are validated all the while
    with pytest.raises(DatabaseError), transaction.atomic():
        world.meet(0, date(2019, 3, 5))  # the registers stay closed

    write(world, strengths="Un testo nuovo.")
    world.submit(0, 0)
    # What another body submits meanwhile is provisional beside facts that go on counting.
    world.meet(1, FEBRUARY, [world.person()])
    world.submit(1, 0)
    # A rebuild finds nothing to change: the facts of the report whose words wait count as before.
    with transaction.atomic(), acting(None):
        posting = postings.open_posting(programme=world.programme, reason=PostingReason.REBUILD, by=None, at=NOW)
        reconcile(posting)
        assert not ResultEntry.objects.filter(Q(posted_in=posting.pk) | Q(reversed_in=posting.pk)).exists()
        transaction.set_rollback(True)
    provisional = ProvisionalTotal.objects.get(scope__kind="programme", indicator=world.indicators["pupils"])
    assert provisional.quantity == 1
    services.return_for_changes(report=world.report(0, 0), comment="Ancora", by=world.region, at=NOW)
    world.submit(0, 0)
    assert services.validate(report=world.report(0, 0), by=world.region, at=NOW) is None
    report = world.report(0, 0)
    assert (report.state, report.reopened_for, report.figures) == ("validated", "", figures)
    assert ledger()[:3] == before[:3]
    assert world.total("pupils") == total
    copies = ReportVersion.objects.filter(report=report, frozen_at__isnull=False).order_by("number")
    assert [json.loads(copy.frozen)["posting"] for copy in copies] == [1, 1]
    assert json.loads(copies[1].frozen)["narrative"]["strengths"] == "Un testo nuovo."


# --- versions ------------------------------------------------------------------------------------------------------


def test_each_submission_is_kept_and_what_is_validated_is_frozen(world: World) -> None:
    write(world, done="Tre incontri in una scuola.")
    report = world.submit(0, 0)
    services.return_for_changes(report=report, comment="Precisa", by=world.region, at=NOW)
    write(world, done="Tre incontri in due scuole.", problems="Aule chiuse", problem_origins=["context"])
    world.meet(0, date(2019, 3, 5), [world.person()])
    world.validate(0, 0)

    first, second = ReportVersion.objects.filter(report=report).order_by("number")
    changed = {row.label: row for row in box_differences(first, second) if row.changed}
    assert len(changed) == 3
    assert [(piece.kind, piece.text) for piece in text_pieces(first.boxes["done"], second.boxes["done"])][1:3] == [
        ("removed", "una"),
        ("added", "due"),
    ]
    moved = {row.code: (row.before, row.after, row.difference) for row in figure_differences(first, second)}
    assert moved["pupils"] == (2, 3, 1)
    assert first.frozen == ""
    assert second.frozen_sha256 == hashlib.sha256(second.frozen.encode()).hexdigest()
    assert AuditEvent.objects.get(verb="validate").data["sha256"] == second.frozen_sha256
    assert copy_is_intact(second)
    content = json.loads(second.frozen)
    assert (content["version"], content["posting"], content["figures"]["indicators"]["pupils"]) == (2, 1, 3)
    assert not {"user", "email"} & set(second.frozen.split('"'))
    pdf = render_copy(content, sha256=second.frozen_sha256)
    assert pdf.startswith(b"%PDF")
    assert pdf == render_copy(content, sha256=second.frozen_sha256)
    with pytest.raises(DatabaseError), transaction.atomic(), acting(None):
        ReportVersion.objects.filter(pk=second.pk).update(frozen="{}")


@settings(max_examples=10, deadline=None)
@given(*[st.lists(st.sampled_from(["uno", "due", "è", " ", "\n"]), max_size=10)] * 2)
def test_a_difference_holds_both_texts_word_for_word(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)
    pieces = text_pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


# --- more days, timeliness -----------------------------------------------------------------------------------------


def test_more_days_for_one_body_are_named_and_make_it_in_time(world: World) -> None:
    report = world.report(0, 0)
    due, until = report.due_on, report.due_on + timedelta(days=10)
    for wrong in ({"due_on": due}, {"reason": " "}):
        with pytest.raises(DomainError):
            rounds.extend_due(
                **{"report": report, "due_on": until, "reason": "Malattia", "by": world.region, "at": NOW} | wrong
            )
    with pytest.raises(NotPermitted):
        rounds.extend_due(report=report, due_on=until, reason="Sì", by=world.operators[0], at=NOW)
    # Given twice, and too far: they are taken back, by who has seen them, to a day that the body still has before it.
    early = datetime.combine(due, time(9), tzinfo=UTC)
    unseen = world.report(0, 0)
    for days in (5, 30):
        at = early + timedelta(minutes=days)
        rounds.extend_due(report=report, due_on=due + timedelta(days=days), reason="Ferie", by=world.region, at=at)
    for mistaken in (
        {"report": unseen},
        {"due_on": due - timedelta(days=1)},
        {"due_on": due + timedelta(days=rounds.MOST_DAYS + 1)},
        {"at": early + timedelta(days=20)},
    ):
        with pytest.raises(DomainError):
            rounds.extend_due(
                **{"report": report, "due_on": until, "reason": "Errore", "by": world.region, "at": early} | mistaken
            )
    rounds.extend_due(report=report, due_on=until, reason="Errore", by=world.region, at=early)
    given = DueExtension.objects.filter(report=report).order_by("due_before").values_list("due_before", "due_on")
    assert list(given) == [(due, due + timedelta(days=5)), (due + timedelta(days=5), until)]
    later = early + timedelta(hours=1)
    rounds.extend_due(report=report, due_on=due, reason="Ente sbagliato", by=world.region, at=later)
    assert not DueExtension.objects.exists()
    subjects = Message.objects.order_by("pk").values_list("subject", flat=True)
    assert [subject.split()[0] for subject in subjects] == ["Proroga", "Proroga", "Meno", "Meno"]
    Message.objects.all().delete()

    rounds.extend_due(report=report, due_on=until, reason="Malattia", by=world.region, at=NOW)
    assert report.due_on == until
    assert Message.objects.get(kind="activity_report_extended").recipient == world.operators[0]
    gap = next(row for row in frozen.gaps(world.programme, world.periods[0]) if row["body"] == world.bodies[0].name)
    assert gap["granted_until"] == until.isoformat()

    def row() -> Any:
        return timeliness.with_timeliness(ActivityReport.objects.filter(pk=report.pk)).get()

    assert timeliness.days_late(row(), until) == 0
    assert timeliness.days_late(row(), until + timedelta(days=3)) == 3
    services.submit(
        report=report, by=world.operators[0], at=datetime(until.year, until.month, until.day, 9, tzinfo=UTC)
    )
    services.return_for_changes(report=report, comment="Precisa", by=world.region, at=NOW)
    world.submit(0, 0)  # much later: the return does not make it late
    found = timeliness.by_network([row()], date(2030, 1, 1))[report.network_id]
    assert (found.expected, found.in_time, found.late, found.extended) == (1, 1, 0, 1)
    assert 0 < (found.complete_permille or 0) < 1000  # five boxes are empty
    with pytest.raises(TransitionNotAllowed):
        rounds.extend_due(report=report, due_on=until + timedelta(days=5), reason="Ancora", by=world.region, at=NOW)


# --- pages ---------------------------------------------------------------------------------------------------------


def test_pages_of_the_rounds_work_and_cost_the_same(world: World) -> None:
    def page(user: Any, name: str, *more: Any, data: Any = None, status: int = 200) -> str:
        client = Client()
        client.force_login(user)
        address = reverse(f"reporting:activity-report-{name}", args=[world.report(0, 0).uuid, *more])
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address) if data is None else client.post(address, data)
        assert answer.status_code == status, answer.content.decode()[:3000]
        page.queries = len(queries)  # type: ignore[attr-defined]
        return answer.content.decode(errors="replace")

    region, operator = world.region, world.operators[0]
    draft = {"done": "Scritto via via", "version": "1"}
    assert '"version": 2' in page(operator, "draft", data=draft)
    assert '"version": 2' in page(operator, "draft", data=draft)  # the same again
    assert "error" in page(operator, "draft", data={"done": "Altro", "version": "1"}, status=409)
    assert world.report(0, 0).done == "Scritto via via"

    world.submit(0, 0)
    page(region, "comments", data={"item": "box:done", "text": ""}, status=422)
    page(region, "comments", data={"item": "box:done", "text": "Quanti?"}, status=302)
    assert "Quanti?" not in page(operator, "comments")
    services.return_for_changes(report=world.report(0, 0), comment="", by=region, at=NOW)
    assert "Quanti?" in page(operator, "comments")
    few = page.queries  # type: ignore[attr-defined]
    made = ReportComment.objects.get()
    page(operator, "comments", data={"act": "answer", "comment": made.uuid, f"{made.pk}-text": "Tre"}, status=302)
    for number in range(20):
        with acting(None):
            ReportComment.objects.create(
                report=made.report, item="report", text=f"Altro {number}", made_by=region, made_at=NOW, sent_at=NOW
            )
    page(operator, "comments")
    assert page.queries == few <= 15  # type: ignore[attr-defined]
    with acting(None):
        ReportComment.objects.exclude(pk=made.pk).delete()
    world.submit(0, 0)
    page(region, "comments", data={"act": "settle", "comment": made.uuid}, status=302)

    figure = page(operator, "figure", "pupils")
    assert page.queries <= 15  # type: ignore[attr-defined]
    assert figure.count("<tr>") == 3  # two pupils, by pseudonym
    assert page(operator, "figure", "nothing", status=404)
    world.validate(0, 0)
    assert "<ins>" in page(region, "versions") or "Non cambiato" in page(region, "versions")
    assert json.loads(page(region, "copy", 2, "json"))["version"] == 2
    page(region, "copy", 1, "json", status=404)  # never validated
