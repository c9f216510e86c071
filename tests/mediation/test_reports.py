# SPDX-License-Identifier: EUPL-1.2
"""Reports: written, signed twice, validated, opened again; the hours move with them."""

from datetime import timedelta
from typing import Any

import pytest

from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import MovementKind, RequestState, SignatureMethod, SignerRole
from mediation.models import HourMovement, OneTimeCode, Signature
from mediation.selectors.reports import fingerprint, movement_of
from mediation.services import reports, sessions
from mediation.services.hours import NotEnoughHoursError
from mediation.signals import figures_changed, figures_changing
from partners.services.memberships import grant_membership
from tests.mediation.session_world import AFTER, END, REPORT, START, SessionWorld

pytestmark = pytest.mark.django_db
prepare = SessionWorld


def test_report_from_session_to_validated_hours(scene: SessionWorld) -> None:
    """The whole road: recorded, filed, countersigned, validated; the hours move at each step."""
    session = scene.confirmed(minutes_asked=90)
    request = scene.record(session, actual_until=session.planned_until - timedelta(minutes=10), break_minutes=5)
    assert request.state == RequestState.HELD
    assert scene.figures(request) == (90, 90, 0)

    reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)
    assert request.state == RequestState.REPORTED
    reports.countersign(request=request, rating=8, rating_note="Molto utile", by=scene.contact, at=AFTER)
    assert request.state == RequestState.COUNTERSIGNED
    assert movement_of(request).released == 45

    reports.validate(request=request, by=scene.coordinator, at=AFTER)
    assert request.state == RequestState.VALIDATED
    assert request.validated_by == scene.coordinator
    assert scene.figures(request) == (0, 0, 45)

    report = scene.report(request)
    assert (report.rating, report.rating_note) == (8, "Molto utile")
    mediator, requester = Signature.objects.filter(report=report).order_by("pk")
    assert (mediator.role, mediator.method, mediator.signer) == ("mediator", "account", scene.user)
    assert (requester.role, requester.method, requester.signer) == ("requester", "account", scene.contact)
    assert mediator.content_sha256 == requester.content_sha256 == fingerprint(request, report)


def test_report_begins_from_the_request(scene: SessionWorld) -> None:
    request = scene.held()
    report = reports.save_report(request=request, values={}, version=1, by=scene.user, at=AFTER)
    assert report.interventions == request.interventions
    assert report.operator_name == request.field_contact_name


def test_draft_saved_in_another_window_is_stale(scene: SessionWorld) -> None:
    request = scene.held()
    first = reports.save_report(request=request, values={"summary": "Uno"}, version=1, by=scene.user, at=AFTER)
    for version in (0, first.version + 1):
        with pytest.raises(StaleError):
            reports.save_report(request=request, values={"summary": "Due"}, version=version, by=scene.user, at=AFTER)
    assert scene.report(request).summary == "Uno"


def test_report_before_the_session_is_recorded(scene: SessionWorld) -> None:
    request = scene.confirmed().request
    with pytest.raises(TransitionNotAllowed):
        reports.save_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)
    with pytest.raises(TransitionNotAllowed):
        reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)


def test_filing_says_all_that_is_missing_and_changes_nothing(scene: SessionWorld) -> None:
    request = scene.held()
    with pytest.raises(reports.ReportHasProblemsError) as refusal:
        reports.file_report(
            request=request, values={"operator_name": "", "interventions": []}, version=1, by=scene.user, at=AFTER
        )
    assert {row.field for row in refusal.value.problems} == {
        "interventions",
        "operator_name",
        "summary",
        "communication",
    }
    request.refresh_from_db()
    assert request.state == RequestState.HELD
    assert not Signature.objects.exists()


REFUSED: tuple[dict[str, Any], ...] = (
    {"summary": "Chiamare la madre al 347 1234567"},
    {"topics": "RSSMRA85T10A562S"},
    {"communication": 6},
    {"follow_up": "nothing"},
    {"interventions": ["home_visit"]},
    {"summary": "x" * 1501},
)


def test_report_refuses_what_may_not_be_in_it(scene: SessionWorld) -> None:
    request = scene.held()
    for values in REFUSED:
        with pytest.raises(DomainError) as refusal:
            reports.save_report(request=request, values=values, version=1, by=scene.user, at=AFTER)
        assert refusal.value.field == next(iter(values)), values


def test_service_report_codes_the_need(scene: SessionWorld) -> None:
    operator = scene.world.personas["service_operator"]
    request = scene.held(kind="service", interventions=["service_talk"])
    values = REPORT | {"interventions": ["service_talk"]}
    with pytest.raises(reports.ReportHasProblemsError) as refusal:
        reports.file_report(request=request, values=values, version=1, by=scene.user, at=AFTER)
    assert [row.field for row in refusal.value.problems] == ["need_codes"]
    with pytest.raises(DomainError):
        reports.save_report(
            request=request, values=values | {"need_codes": ["unknown"]}, version=1, by=scene.user, at=AFTER
        )
    reports.file_report(
        request=request,
        values=values | {"need_codes": ["lingua"], "cultural_elements": "Parla per proverbi."},
        version=1,
        by=scene.user,
        at=AFTER,
    )
    reports.countersign(request=request, by=operator, at=AFTER)
    assert request.state == RequestState.COUNTERSIGNED


def test_school_report_keeps_no_coded_needs(scene: SessionWorld) -> None:
    request = scene.filed(values=REPORT | {"need_codes": ["lingua"], "cultural_elements": "Altro"})
    report = scene.report(request)
    assert (report.need_codes, report.cultural_elements) == ([], "")


def test_who_signs(scene: SessionWorld) -> None:
    request = scene.held()
    for person in (scene.contact, scene.coordinator, scene.region, scene.world.stranger):
        with pytest.raises(NotPermitted):
            reports.file_report(request=request, values=REPORT, version=1, by=person, at=AFTER)
    reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)
    for person in (scene.user, scene.coordinator, scene.head, scene.world.personas["teacher"]):
        with pytest.raises(NotPermitted):
            reports.countersign(request=request, by=person, at=AFTER)
    with pytest.raises(DomainError):
        reports.countersign(request=request, rating=11, by=scene.contact, at=AFTER)
    reports.countersign(request=request, by=None, method=SignatureMethod.LINK, name="Maria Prova", at=AFTER)
    with pytest.raises(TransitionNotAllowed):
        reports.countersign(request=request, by=scene.contact, at=AFTER)
    signature = Signature.objects.get(role=SignerRole.REQUESTER)
    assert (signature.signer, signature.signer_name, signature.method) == (None, "Maria Prova", "link")


def test_who_validates(scene: SessionWorld) -> None:
    request = scene.countersigned()
    for person in (scene.user, scene.contact, scene.world.personas["auditor"], scene.world.stranger):
        with pytest.raises(NotPermitted):
            reports.validate(request=request, by=person, at=AFTER)
    reports.validate(request=request, by=scene.region, at=AFTER)
    with pytest.raises(TransitionNotAllowed):
        reports.validate(request=request, by=scene.coordinator, at=AFTER)


def test_validation_by_whoever_signed_is_refused(scene: SessionWorld) -> None:
    """A coordinator who is also the contact of the school cannot approve the own signature."""
    request = scene.filed()
    grant_membership(
        user=scene.coordinator,
        organisation=scene.world.bodies["school_1"],
        role="school_contact",
        networks=[],
        valid_from=START.date(),
        by=None,
    )
    both = scene.who(scene.coordinator)
    reports.countersign(request=request, by=both, at=AFTER)
    with pytest.raises(NotPermitted):
        reports.validate(request=request, by=both, at=AFTER)


def test_longer_than_the_account_allows(scene: SessionWorld) -> None:
    """What goes beyond the hours asked is drawn on the balance; where it is empty, the validation is refused whole."""
    request = scene.countersigned()
    account = type(request.account).objects.get(pk=request.account_id)
    session = request.sessions.get()
    assert session.minutes == 60
    with acting(None):
        HourMovement.objects.create(
            account=account,
            kind=MovementKind.MOVED_OUT,
            minutes=account.available,
            granted_change=-account.available,
            at=AFTER,
        )
    reports.reopen(request=request, reason="Orario sbagliato", by=scene.coordinator, at=AFTER)
    scene.record(session, actual_until=session.planned_until + timedelta(minutes=30))
    report = scene.report(request)
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    reports.countersign(request=request, by=scene.contact, at=AFTER)
    assert not movement_of(request).possible
    with pytest.raises(NotEnoughHoursError):
        reports.validate(request=request, by=scene.coordinator, at=AFTER)
    request.refresh_from_db()
    assert request.state == RequestState.COUNTERSIGNED
    assert scene.figures(request) == (60, 60, 0)


def test_reopened_report_is_signed_anew(scene: SessionWorld) -> None:
    request = scene.validated()
    session = request.sessions.get()
    with pytest.raises(TransitionNotAllowed):
        scene.record(session)
    with pytest.raises(TransitionNotAllowed):
        reports.reopen(request=request, reason=" ", by=scene.coordinator, at=AFTER)
    reports.reopen(request=request, reason="La fine era alle 10:45", by=scene.coordinator, at=AFTER)
    assert request.state == RequestState.REOPENED
    assert scene.figures(request) == (60, 60, 0)
    assert request.validated_at is None

    scene.record(session, actual_until=session.planned_until - timedelta(minutes=15))
    report = scene.report(request)
    assert report.attempt == 2
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    reports.countersign(request=request, by=scene.contact, at=AFTER)
    reports.validate(request=request, by=scene.coordinator, at=AFTER)
    assert scene.figures(request) == (0, 0, 45)
    assert Signature.objects.filter(report=report).count() == 4
    first, second = Signature.objects.filter(report=report, role=SignerRole.MEDIATOR).order_by("attempt")
    assert first.content_sha256 != second.content_sha256


def test_who_reopens(scene: SessionWorld) -> None:
    request = scene.filed()
    with pytest.raises(NotPermitted):
        reports.reopen(request=request, reason="x", by=scene.world.stranger, at=AFTER)
    reports.reopen(request=request, reason="Manca un presente", by=scene.contact, at=AFTER)
    report = scene.report(request)
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    reports.reopen(request=request, reason="Ho scritto male", by=scene.user, at=AFTER)
    report.refresh_from_db()
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    reports.countersign(request=request, by=scene.contact, at=AFTER)
    for person in (scene.contact, scene.user):
        with pytest.raises(NotPermitted):
            reports.reopen(request=request, reason="x", by=person, at=AFTER)
    reports.reopen(request=request, reason="Da rivedere", by=scene.coordinator, at=AFTER)
    assert request.state == RequestState.REOPENED


def test_the_ledger_is_told_first_and_last(scene: SessionWorld) -> None:
    heard: list[tuple[str, str]] = []
    request = scene.countersigned()

    def changing(sender: Any, programme_id: int, **kwargs: Any) -> None:
        request.refresh_from_db()
        heard.append(("changing", request.state))

    def changed(sender: Any, source_type: str, source_id: int, **kwargs: Any) -> None:
        request.refresh_from_db()
        heard.append((f"{source_type} changed", request.state))

    figures_changing.connect(changing)
    figures_changed.connect(changed)
    try:
        reports.validate(request=request, by=scene.coordinator, at=AFTER)
        reports.reopen(request=request, reason="Errore", by=scene.coordinator, at=AFTER)
    finally:
        figures_changing.disconnect(changing)
        figures_changed.disconnect(changed)
    assert heard[:2] == [("changing", "countersigned"), ("request changed", "validated")]
    assert heard[2] == ("changing", "validated")


# --- one-time codes ---------------------------------------------------------------------------------------------------


def _code_in_mail() -> str:
    body = Message.objects.filter(kind="mediation_code").latest("id").body
    return next(word.strip(".") for word in body.split() if word.strip(".").isdigit() and len(word.strip(".")) == 6)


def test_countersigned_by_code_on_the_phone(scene: SessionWorld) -> None:
    request = scene.filed()
    row = reports.send_code(request=request, by=scene.user, at=AFTER)
    mail = Message.objects.get(kind="mediation_code")
    code = _code_in_mail()
    assert (mail.address, mail.recipient) == (request.contact_email, None)
    assert code not in mail.subject
    assert code not in row.code_sha256
    reports.countersign_by_code(
        request=request, code=f" {code[:3]} {code[3:]}", name="Anna Prova", rating=10, by=scene.user, at=AFTER
    )
    assert request.state == RequestState.COUNTERSIGNED
    signature = Signature.objects.get(role=SignerRole.REQUESTER)
    assert (signature.method, signature.signer, signature.signer_name) == ("code", None, "Anna Prova")
    row.refresh_from_db()
    assert row.used_at is not None


def test_wrong_code_is_counted_and_ends_after_five(scene: SessionWorld) -> None:
    request = scene.filed()
    row = reports.send_code(request=request, by=scene.user, at=AFTER)
    right = _code_in_mail()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for attempt in range(1, 6):
        with pytest.raises(DomainError) as refusal:
            reports.countersign_by_code(request=request, code=wrong, name="Anna Prova", by=scene.user, at=AFTER)
        assert refusal.value.field == "code"
        row.refresh_from_db()
        assert row.attempts == attempt
    with pytest.raises(DomainError):
        reports.countersign_by_code(request=request, code=right, name="Anna Prova", by=scene.user, at=AFTER)
    request.refresh_from_db()
    assert request.state == RequestState.REPORTED


def test_code_of_the_quarter_before_or_of_another_filing(scene: SessionWorld, time_machine: Any) -> None:
    request = scene.filed()
    time_machine.move_to("2026-03-04T09:00:00Z")
    reports.send_code(request=request, by=scene.user, at=AFTER)
    code = _code_in_mail()
    time_machine.move_to("2026-03-04T09:15:01Z")
    with pytest.raises(DomainError):
        reports.countersign_by_code(request=request, code=code, name="Anna Prova", by=scene.user, at=AFTER)
    reports.send_code(request=request, by=scene.user, at=AFTER)
    code = _code_in_mail()
    reports.reopen(request=request, reason="Errore", by=scene.user, at=AFTER)
    report = scene.report(request)
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    with pytest.raises(DomainError):
        reports.countersign_by_code(request=request, code=code, name="Anna Prova", by=scene.user, at=AFTER)


def test_codes_are_few_and_only_the_last_is_valid(scene: SessionWorld) -> None:
    request = scene.filed()
    reports.send_code(request=request, by=scene.user, at=AFTER)
    first = _code_in_mail()
    for _more in range(3):
        reports.send_code(request=request, by=scene.user, at=AFTER)
    with pytest.raises(DomainError):
        reports.send_code(request=request, by=scene.user, at=AFTER)
    if first != _code_in_mail():
        with pytest.raises(DomainError):
            reports.countersign_by_code(request=request, code=first, name="Anna Prova", by=scene.user, at=AFTER)
    reports.countersign_by_code(request=request, code=_code_in_mail(), name="Anna Prova", by=scene.user, at=AFTER)
    assert OneTimeCode.objects.exclude(used_at=None).count() == 1


def test_code_is_for_the_mediator_and_a_mailbox(scene: SessionWorld) -> None:
    request = scene.filed()
    for person in (scene.contact, scene.coordinator):
        with pytest.raises(NotPermitted):
            reports.send_code(request=request, by=person, at=AFTER)
    with acting(None):
        type(request).objects.filter(pk=request.pk).update(contact_email="")
    with pytest.raises(DomainError):
        reports.send_code(request=request, by=scene.user, at=AFTER)


def test_charges_stay_beside_what_was_held(scene: SessionWorld) -> None:
    """Two sessions asked: at one the family did not come, the other was held."""
    first = scene.confirmed(minutes_asked=120, sessions_asked=2)
    request = first.request
    second = sessions.add_session(
        request=request, starts_at=START + timedelta(days=1), ends_at=END + timedelta(days=1), by=scene.user, at=AFTER
    )
    sessions.mark_not_held(session=first, absent="family", reason="Nessuno si è presentato", by=scene.user, at=AFTER)
    assert scene.figures(request) == (60, 60, 60)
    request = scene.record(second, actual_until=second.planned_until - timedelta(minutes=20))
    later = AFTER + timedelta(days=1)
    reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=later)
    reports.countersign(request=request, by=scene.contact, at=later)
    reports.validate(request=request, by=scene.coordinator, at=later)
    assert scene.figures(request) == (0, 0, 100)
