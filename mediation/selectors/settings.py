# SPDX-License-Identifier: EUPL-1.2
"""What a programme says about a kind of request; what its documents leave out has a default here, in one place."""

from dataclasses import dataclass
from datetime import timedelta

from actions.enums import MediationRequestKind
from actions.models import RequestKind


@dataclass(frozen=True)
class RequestSettings:
    """The settings of one kind of request in one programme. Lengths are in minutes, notice in hours.

    The defaults are prudent choices, because no source states them (reference: domain, 5.1 and 19): five working days
    of notice, a cancellation free until 24 hours before, one hour charged when late and when nobody comes.
    """

    kind: str
    minimum_notice_hours: int = 120
    urgent_notice_hours: int = 4
    minimum_minutes: int = 60
    maximum_minutes: int = 240
    step_minutes: int = 30
    maximum_request_minutes: int = 3600
    free_until_hours: int = 24
    late_charge_minutes: int = 60
    absence_charge_minutes: int = 60
    # Whether each request waits for the head of the body.
    needs_authorisation: bool = True
    # Whether a head without an account may authorise by a one-time link, and may delegate up to some minutes
    # (0: as many as the delegation says).
    head_by_link: bool = True
    head_by_delegation: bool = True
    delegation_maximum_minutes: int = 0
    # How long a mediator has to answer, and at most until how long before the session.
    answer_within_hours: int = 24
    # Within how many working hours a request should have a mediator.
    activation_hours: int = 72
    urgent_activation_hours: int = 24
    # The share of an account at which it warns, in hundredths.
    warning_percent: int = 80
    # The activity type that the sessions belong to; empty means the first of kind mediation of the right action.
    activity_type: str = ""
    # A.4: the programme's list of needs, code and title.
    needs: tuple[tuple[str, str], ...] = ()
    # A.5: sessions of assessment before a restitution (practice: at least three).
    minimum_assessments: int = 3
    # Translations: minutes estimated for a page.
    minutes_per_page: int = 30
    # Months after the arrival in Italy in which a pupil is newly arrived.
    new_arrival_months: int = 24

    @property
    def answer_within(self) -> timedelta:
        return timedelta(hours=self.answer_within_hours)


_DEFAULT_NEEDS = (
    ("ascolto", "Ascolto e orientamento"),
    ("lingua", "Comprensione linguistica"),
    ("scuola", "Percorso scolastico"),
    ("genitorialita", "Sostegno alla genitorialità"),
    ("salute", "Accesso alle cure"),
    ("casa", "Casa"),
    ("lavoro", "Lavoro e formazione"),
    ("documenti", "Documenti e diritti"),
    ("conflitto", "Conflitto familiare o culturale"),
)


def settings_from(kind: str, raw: dict) -> RequestSettings:
    """Build the settings from the JSON of `actions.RequestKind` (schema: actions.definition.schema)."""
    length = raw.get("session_minutes", {})
    cancellation = raw.get("cancellation", {})
    chosen = {
        "minimum_notice_hours": raw.get("minimum_notice_hours"),
        "urgent_notice_hours": raw.get("urgent_notice_hours"),
        "minimum_minutes": length.get("minimum"),
        "maximum_minutes": length.get("maximum"),
        "step_minutes": length.get("step"),
        "free_until_hours": cancellation.get("free_until_hours"),
        "late_charge_minutes": cancellation.get("late_charge_minutes"),
        "absence_charge_minutes": cancellation.get("absence_charge_minutes"),
        "maximum_request_minutes": raw.get("maximum_request_minutes"),
        "needs_authorisation": raw.get("needs_authorisation", kind == MediationRequestKind.SCHOOL),
        "head_by_link": raw.get("head_by_link"),
        "head_by_delegation": raw.get("head_by_delegation"),
        "delegation_maximum_minutes": raw.get("delegation_maximum_minutes"),
        "answer_within_hours": raw.get("answer_within_hours"),
        "activation_hours": raw.get("activation_hours"),
        "urgent_activation_hours": raw.get("urgent_activation_hours"),
        "warning_percent": raw.get("warning_percent"),
        "activity_type": raw.get("activity_type"),
        "minimum_assessments": raw.get("minimum_assessments"),
        "minutes_per_page": raw.get("minutes_per_page"),
        "new_arrival_months": raw.get("new_arrival_months"),
        "needs": tuple((row["code"], row["title"]) for row in raw.get("needs", ())) or _DEFAULT_NEEDS,
    }
    return RequestSettings(kind=kind, **{name: value for name, value in chosen.items() if value is not None})


def settings_of(programme_id: int, kind: str) -> RequestSettings | None:
    """Return the settings of a kind in a programme; None when the programme does not offer it (one query)."""
    row = RequestKind.objects.filter(programme=programme_id, kind=kind).first()
    return settings_from(kind, row.settings) if row is not None else None
