# SPDX-License-Identifier: EUPL-1.2
"""What a person's copy holds of mediation: cases that a body recognised by its own code. A constant number of queries."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from fami_portal.core.subject import Section, rows_of
from mediation.models import (
    Consultation,
    ConsultationSession,
    InterventionReport,
    MediationRequest,
    MediationSession,
    RequestLanguage,
)
from mediation.selectors.purging import CASES

# Models with data about who is served that the copy does not list, and why. A test compares.
NOT_COPIED: dict[str, str] = {}

# Who works for the body, and what the court or the clinician alone may say.
_NOT_OF_THE_PERSON = (
    "contact_name", "contact_role", "contact_email", "contact_phone", "field_contact_name", "field_contact_role",
    "field_contact_email", "field_contact_phone", "authorised_name", "signed_document", "account", "mediator",
    "same_mediator", "outside_reason",
)  # fmt: skip


def ended_cases(codes: Mapping[int, Sequence[str]]) -> tuple[list[int], list[int]]:
    """Return the requests and the consultations that bodies (by id) know under some codes of theirs and that are over."""
    found = []
    for model in (MediationRequest, Consultation):
        over, _draft = CASES[model]
        rows = model._default_manager.filter(_of_bodies(codes), state__in=over)
        found.append(list(rows.order_by("pk").values_list("pk", flat=True)))
    return found[0], found[1]


def _of_bodies(codes: Mapping[int, Sequence[str]]) -> Q:
    found = Q(pk__in=[])
    for body, known in codes.items():
        found |= Q(organisation=body, case_code__in=list(known)) & ~Q(case_code="")
    return found


def subject_sections(codes: Mapping[int, Sequence[str]]) -> Iterator[Section]:
    """Yield the sections of the copy about the cases that bodies (by id) know under some codes of theirs."""
    of_bodies = _of_bodies(codes)
    requests = MediationRequest.objects.filter(of_bodies).order_by("pk")
    consultations = Consultation.objects.filter(of_bodies).order_by("pk")
    asked, referred = requests.values("pk"), consultations.values("pk")
    yield Section("mediation_requests", _("Requests of mediation"), rows_of(requests, without=_NOT_OF_THE_PERSON))
    yield Section(
        "mediation_languages",
        _("Languages asked"),
        rows_of(RequestLanguage.objects.filter(request__in=asked).order_by("request", "position", "pk")),
    )
    yield Section(
        "mediation_sessions",
        _("Meetings with the mediator"),
        rows_of(
            MediationSession.objects.filter(request__in=asked).order_by("planned_from", "pk"),
            without=("proposal", "mediator"),
        ),
    )
    yield Section(
        "mediation_reports",
        _("Reports of the mediation"),
        rows_of(
            InterventionReport.objects.filter(request__in=asked).order_by("pk"),
            without=("operator_name", "operator_role", "rating", "rating_note"),
        ),
    )
    yield Section(
        "consultations",
        _("Ethnoclinical consultations"),
        rows_of(consultations, without=("contact_name", "contact_email", "account")),
    )
    yield Section(
        "consultation_sessions",
        _("Sessions of the consultations"),
        rows_of(ConsultationSession.objects.filter(consultation__in=referred).order_by("held_on", "pk")),
    )
