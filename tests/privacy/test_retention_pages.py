# SPDX-License-Identifier: EUPL-1.2
"""Pages of retention, register of processing and breach; commands; and what no rule covers (ADR 18)."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.services import record_sign_in
from beneficiaries.enums import ReadKind
from beneficiaries.services.reading import record_reading
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent
from fami_portal.core.privacy import classified_fields
from privacy.enums.retention import IncidentState
from privacy.models import Incident, LegalHold, RetentionPlan, RetentionRule
from privacy.selectors.processing import models_about_persons
from privacy.selectors.processing_map import EXCEPTIONS, FATES, taken_fields
from privacy.services import breach as services
from tests.actions.scene import Scene, build
from tests.beneficiaries.people import known

NOW = datetime(2020, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def test_every_field_about_a_person_ends_somewhere() -> None:
    """Each is taken by a rule, stays with its reason, or its model is a named exception."""
    wrong = []
    for model in models_about_persons():
        label = model._meta.label
        about = {name for name, kind in classified_fields(model).items() if kind in ("personal", "special")}
        if label in FATES:
            said = taken_fields(label) | set(FATES[label].kept)
            wrong += [f"{label}.{name}: nobody says what becomes of it" for name in sorted(about - said)]
            wrong += [
                f"{label}.{name}: kept and taken" for name in sorted(taken_fields(label) & set(FATES[label].kept))
            ]
            wrong += [f"{label}.{name}: is not about a person" for name in sorted(set(FATES[label].kept) - about)]
        elif label not in EXCEPTIONS:
            wrong.append(f"{label}: no rule of retention and no reason")
    known_labels = {model._meta.label for model in models_about_persons()}
    wrong += [f"{label}: does not exist" for label in sorted((FATES.keys() | EXCEPTIONS.keys()) - known_labels)]

    assert not wrong


def test_the_register_of_processing_is_fresh() -> None:
    call_command("privacy_register", check=True, verbosity=0)


def test_the_coordinator_sets_dates_rules_and_holds(
    scene: Scene, client: Client, django_assert_max_num_queries: Any
) -> None:
    known(scene, "Ada", "Uno")
    known(scene, "Bea", "Due", body=scene.school)
    client.force_login(scene.region)
    page = reverse("privacy:retention", args=["prova"])
    answer = client.get(page).content.decode()
    assert "Le date di questo programma non sono impostate" in answer
    assert "Uno" not in answer
    assert client.get(reverse("privacy:retention-list")).status_code == 200
    dates = reverse("privacy:retention-dates", args=["prova"])
    given = {"closed_on": "2020-12-31", "control_until": "2020-01-01", "reason": "Verbale 3", "version": "0"}
    refused = client.post(dates, given).content.decode()
    assert "Il periodo di controllo finisce dopo la chiusura." in refused
    assert "Verbale 3" in refused
    assert client.post(dates, given | {"control_until": "2021-03-01"}).status_code == 302
    assert RetentionPlan.objects.get().control_until == date(2021, 3, 1)
    assert "Qualcuno ha modificato" in client.post(dates, given | {"control_until": "2022-03-01"}).content.decode()

    rule = reverse("privacy:retention-rule", args=["prova", "case_texts"])
    changed = {"months": "6", "anchor": "case_ended", "basis": "Circolare 3", "reason": "Verbale 4", "version": "0"}
    assert client.post(rule, changed | {"anchor": "written"}).status_code == 200
    assert client.post(rule, changed).status_code == 302
    assert RetentionRule.objects.get().months == 6

    hold = reverse("privacy:hold-new", args=["prova"])
    wanted = {
        "scope": "recipient",
        "pseudonym": "D-NIENTE",
        "act": "TAR",
        "reason": "Ricorso",
        "starts_on": "2020-01-01",
    }
    assert "Nessun destinatario di questo programma" in client.post(hold, wanted).content.decode()
    wanted |= {"scope": "body", "pseudonym": "", "organisation": scene.school.pk}
    placed = client.post(hold, wanted)
    assert placed.status_code == 302
    found = LegalHold.objects.get()
    assert client.get(found.get_absolute_url()).status_code == 200
    with django_assert_max_num_queries(15):
        answer = client.get(page).content.decode()
    assert "Istituto comprensivo Prova" in answer
    assert client.post(found.get_absolute_url(), {"reason": "Sentenza", "version": "1"}).status_code == 302
    found.refresh_from_db()
    assert found.lift_reason == "Sentenza"
    run = client.post(reverse("privacy:run-new", args=["prova"]), {"understood": "on"}).content.decode()
    assert "Oggi non c’è nulla da distruggere" in run


def test_the_register_of_processing_is_shown_and_handed_out(scene: Scene, client: Client) -> None:
    client.force_login(scene.user("data_protection_officer", scene.lead))
    shown = client.get(reverse("privacy:processing"), {"programme": scene.programme.pk}).content.decode()
    assert "Subito dopo la fine del periodo di controllo" in shown
    assert "Ruoli degli enti nel trattamento" in shown
    pdf = client.get(reverse("privacy:processing-pdf"), {"programme": scene.programme.pk})
    assert pdf.content.startswith(b"%PDF")
    rows = b"".join(client.get(reverse("privacy:processing-export", args=["csv"])).streaming_content)  # type: ignore[attr-defined]
    assert "Obbligo di legge" not in rows.decode()
    assert "Nomi" in rows.decode() or "nome" in rows.decode()


def test_a_breach_report_says_who_read_whom(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    one, other = known(scene, "Ada", "Uno"), known(scene, "Bea", "Due", body=scene.school)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    record_sign_in(user=scene.operator, at=NOW - timedelta(hours=3))
    for body, kind, people, hours in (
        (scene.cooperative, ReadKind.OPENING, [one], 2),
        (scene.cooperative, ReadKind.PAGE, [one], 1),
        (scene.school, ReadKind.EXPORT, [other], 1),
        (scene.cooperative, ReadKind.PAGE, [one], 200),
    ):
        record_reading(
            by=scene.operator, organisation=body, kind=kind, page="beneficiaries:beneficiary-list", subjects=people,
            at=NOW - timedelta(hours=hours),
        )  # fmt: skip
    officer = scene.user("data_protection_officer", scene.lead)
    client.force_login(officer)
    chosen = {"user": scene.operator.pk, "organisation": scene.school.pk}
    for asked in ({}, {"verify": "on"}, {"verify": "on", **chosen}):
        with django_assert_max_num_queries(15):
            shown = client.get(reverse("privacy:breach"), asked).content.decode()
    assert "Cooperativa Prova</td>" not in shown
    shown = client.get(reverse("privacy:breach")).content.decode()
    assert "Partner_Operator Prova" in shown
    assert one.pseudonym not in shown
    window = {"since": "2020-03-10T00:00", "until": "2020-03-11T00:00"}
    rows = b"".join(
        client.get(reverse("privacy:breach-export", args=["csv"]), window).streaming_content  # type: ignore[attr-defined]
    ).decode("utf-8-sig")
    assert rows.splitlines()[1].split(";")[2:7] == ["3", "1", "1", "0", "2"]
    assert rows.splitlines()[1].split(";")[9] == "1"
    assert "Integra" in client.get(reverse("privacy:breach"), window | {"verify": "on"}).content.decode()
    assert (
        "La fine viene prima"
        in client.get(
            reverse("privacy:breach"), {"since": "2020-03-11T00:00", "until": "2020-03-10T00:00"}
        ).content.decode()
    )
    listed = client.post(reverse("privacy:breach-persons"), window)
    content = b"".join(listed.streaming_content).decode()  # type: ignore[attr-defined]
    assert one.pseudonym in content
    assert "Uno" not in content
    assert AuditEvent.objects.get(verb="breach_list_taken").data == {"number": 2}

    out = StringIO()
    call_command("incident_report", since="2020-03-10", until="2020-03-11", stdout=out)
    assert "3 readings of 2 recipients by 1 people" in out.getvalue()
    assert "chain whole" in out.getvalue()
    assert "Uno" not in out.getvalue()
    with pytest.raises(CommandError):
        call_command("incident_report", since="ieri")


def test_an_incident_has_72_hours_and_its_steps(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    officer = scene.user("data_protection_officer", scene.lead)
    client.force_login(officer)
    given = {
        "programme": scene.programme.pk, "title": "Portatile rubato", "description": "Un portatile acceso.",
        "discovered_at": "2020-03-09T10:00", "happened_from": "2020-03-09T12:00",
    }  # fmt: skip
    assert "È cominciato dopo che si è saputo" in client.post(reverse("privacy:incident-new"), given).content.decode()
    assert (
        client.post(reverse("privacy:incident-new"), given | {"happened_from": "2020-03-08T10:00"}).status_code == 302
    )
    incident = Incident.objects.get()
    shown = client.get(incident.get_absolute_url()).content.decode()
    assert "Restano 48 ore per notificare" in shown
    step = reverse("privacy:incident-step", args=[incident.uuid, "notify"])
    assert "futuro" in client.post(step, {"notified_at": "2020-03-12T10:00"}).content.decode()
    assert client.post(step, {"notified_at": "2020-03-10T09:30"}).status_code == 302
    incident.refresh_from_db()
    assert incident.state == IncidentState.NOTIFIED
    with pytest.raises(DomainError):
        services.move(incident=incident, transition="close", comment="Fine", by=officer, at=NOW)
    edit = reverse("privacy:incident-edit", args=[incident.uuid])
    done = {name: value for name, value in given.items() if name != "programme"} | {
        "happened_from": "2020-03-08T10:00", "measures": "Chiavi cambiate", "version": str(incident.version),
    }  # fmt: skip
    assert client.post(edit, done).status_code == 302
    assert "Qualcuno ha modificato" in client.post(edit, done).content.decode()
    incident.refresh_from_db()
    services.move(incident=incident, transition="close", comment="Fine", by=officer, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        services.move(incident=incident, transition="do_not_notify", comment="No", by=officer, at=NOW)


def test_the_command_counts_and_destroys_nothing_on_a_dry_run(scene: Scene) -> None:
    known(scene, "Ada", "Uno")
    out = StringIO()
    call_command("apply_retention", dry_run=True, stdout=out)
    assert out.getvalue() == ""
    with pytest.raises(CommandError):
        call_command("apply_retention", programme="niente")
    call_command("apply_retention", programme="portal", stdout=out)
    assert "portal  nothing to destroy" in out.getvalue()
