# SPDX-License-Identifier: EUPL-1.2
"""What a person's copy holds of the records of recipients: everything but names, which the vault opens by itself.

The ids are all the records of one person (`services.erasure.records_of_person`). A constant number of queries.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from beneficiaries.models import (
    Attendance,
    Beneficiary,
    BreakGlass,
    Certificate,
    EligibilityCheck,
    Enrolment,
    Intervention,
    Merge,
    NoticeRenewal,
    OperatorSheet,
    Outcome,
    ReadEntry,
    Restriction,
    Support,
    SupportMember,
    ThirdCountrySheet,
)
from beneficiaries.selectors.readings import page_label
from fami_portal.core.subject import Section, rows_of, text

# Models with data about recipients that the copy does not list, and why. A test compares.
NOT_COPIED: dict[str, str] = {
    "DeskContact": "counted of nobody: nothing leads from a contact to a person",
    "Fingerprint": "keyed hashes of the names and codes that the copy holds; nothing can be read in them",
    "Identity": "opened from the vault by the service that makes the copy",
    "InterventionPerson": "says which interventions are in the copy",
    "Pair": "compares with the record of somebody else",
    "PairQuestion": "compares with the record of somebody else",
}


def subject_sections(ids: Collection[int]) -> Iterator[Section]:
    """Yield the sections of the copy about these records."""
    enrolments = Enrolment.objects.filter(beneficiary__in=ids).order_by("enrolled_on", "pk")
    records = Beneficiary.objects.filter(pk__in=ids).order_by("pk")
    yield Section("records", _("Your registrations"), rows_of(records, without=("merged_into", "counted_as")))
    yield Section(
        "third_country_sheet",
        _("Data for the official sheet"),
        rows_of(ThirdCountrySheet.objects.filter(beneficiary__in=ids).order_by("pk")),
    )
    yield Section(
        "operator_sheet",
        _("Data for the sheet of operators"),
        rows_of(OperatorSheet.objects.filter(beneficiary__in=ids).order_by("pk")),
    )
    yield Section(
        "eligibility",
        _("Checks of the eligibility"),
        rows_of(EligibilityCheck.objects.filter(beneficiary__in=ids).order_by("at", "pk")),
    )
    yield Section("enrolments", _("Enrolments in activities"), rows_of(enrolments))
    yield Section(
        "notices",
        _("Newer privacy notices given"),
        rows_of(
            NoticeRenewal.objects.filter(enrolment__beneficiary__in=ids).order_by("given_on", "pk"),
            without=("enrolment",),
        ),
    )
    yield Section("attendance", _("Presences"), _presences(ids))
    yield Section(
        "certificates",
        _("Certificates of attendance"),
        rows_of(
            Certificate.objects.filter(enrolment__beneficiary__in=ids).order_by("issued_on", "pk"),
            without=("enrolment",),
        ),
    )
    yield Section(
        "outcomes",
        _("Outcomes of the supports"),
        rows_of(
            Outcome.objects.filter(enrolment__beneficiary__in=ids).order_by("collected_on", "pk"),
            without=("enrolment",),
        ),
    )
    yield Section(
        "supports",
        _("Supports to you or your household"),
        rows_of(Support.objects.filter(members__enrolment__beneficiary__in=ids).distinct().order_by("opened_on", "pk")),
    )
    yield Section(
        "support_days",
        _("Since when you were in these supports"),
        rows_of(
            SupportMember.objects.filter(enrolment__beneficiary__in=ids).order_by("since", "pk"),
            without=("support", "enrolment"),
        ),
    )
    yield Section(
        "interventions",
        _("What was done for the supports"),
        rows_of(
            Intervention.objects.filter(persons__enrolment__beneficiary__in=ids).distinct().order_by("held_on", "pk"),
            without=("support", "operator"),
        ),
    )
    yield Section(
        "merges",
        _("Registrations found to be of one person"),
        rows_of(Merge.objects.filter(Q(survivor__in=ids) | Q(merged__in=ids)).order_by("at", "pk"), without=("pair",)),
    )
    yield Section(
        "restrictions",
        _("Restrictions of the processing"),
        rows_of(Restriction.objects.filter(beneficiary__in=ids).order_by("since", "pk")),
    )
    yield Section(
        "exceptional_openings",
        _("Exceptional openings of the name"),
        rows_of(BreakGlass.objects.filter(beneficiary__in=ids).order_by("at", "pk"), without=("key", "reading")),
    )
    yield Section("readings", _("Who has seen these data"), _readings(ids))


def _presences(ids: Collection[int]) -> Iterator[dict[str, str]]:
    rows = (
        Attendance.objects.filter(enrolment__beneficiary__in=ids)
        .select_related("meeting__activity")
        .order_by("meeting__held_on", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        yield _filled(
            {
                _("Activity"): row.meeting.activity.title,
                _("Day"): row.meeting.held_on,
                _("Presence"): row.get_state_display(),
                _("Minutes"): row.minutes,
            }
        )


def _readings(ids: Collection[int]) -> Iterator[dict[str, str]]:
    rows = (
        ReadEntry.objects.filter(subjects__overlap=list(ids))
        .select_related("actor", "chain__organisation", "activity")
        .order_by("at", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        yield _filled(
            {
                _("When"): row.at,
                _("Who"): row.actor.full_name,
                _("Data registered by"): row.chain.organisation,
                _("What"): row.get_kind_display(),
                _("Page"): page_label(row),
                _("Why"): row.purpose,
                _("Activity"): row.activity,
            }
        )


def _filled(values: dict[str, Any]) -> dict[str, str]:
    texts = {label: text(value) for label, value in values.items()}
    return {label: shown for label, shown in texts.items() if shown}
