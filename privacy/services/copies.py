# SPDX-License-Identifier: EUPL-1.2
"""The copy of a person's data (art. 15 and 20 GDPR): made by a job, kept as an identity document, destroyed in time.

What is about the person is asked of each app below. Names are opened through the audited door, in the name of who
handles the case. Nothing clear is written anywhere on the way.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from beneficiaries.enums import OpeningPurpose, ReadKind
from beneficiaries.models import Identity
from beneficiaries.selectors.subject import subject_sections as sections_of_recipients
from beneficiaries.services.erasure import records_of_person
from beneficiaries.services.identities import read_sealed
from beneficiaries.services.reading import record_file_opening, record_readings
from fami_portal.core import clock, documents
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.jobs import Run, enqueue
from fami_portal.core.models import Document, Job
from fami_portal.core.services import acting, record_event
from fami_portal.core.subject import Section, text
from mediation.selectors.subject import subject_sections as sections_of_mediation
from privacy.enums.requests import WITH_COPY, WORKED_STATES, TaskAnswer
from privacy.models import RightsRequest
from privacy.permissions.requests import can_handle
from privacy.rendering.subject_copy import Copy, as_json, as_pdf
from privacy.selectors.requests import case_codes, matched_records
from privacy.services.requests import locked_request
from privacy.tasks import requests as tasks

COPY_KIND = "privacy.subject_copy"
PAGE = "privacy:copy"
# The copy stays this long after its delivery; the person keeps it, the portal does not need it.
KEPT = timedelta(days=30)


def ask_copy(*, request: RightsRequest, version: int, by: Any, at: datetime) -> Job:
    """Ask for the copy of the data of the person; a second time while it is being made, the same job comes back.

    Raises `DomainError` for a right that is not answered with a copy, before the comparison, and as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        if found.kind not in WITH_COPY:
            raise TransitionNotAllowed(gettext_lazy("This right is not answered with a copy of the data."))
        if found.state not in WORKED_STATES or found.matched_at is None:
            raise DomainError(gettext_lazy("Compare the request with the records of the programme first."))
        job = enqueue(kind=tasks.COPY, by=by, subject_id=found.pk, key=f"copy:{found.pk}")
        record_event(by=by, verb="copy_asked", target=found, at=at)
    return job


def make_copy(run: Run) -> None:
    """Make the copy and keep it as two identity documents, JSON and PDF; those of an earlier attempt are destroyed."""
    request = RightsRequest.objects.select_related("programme__lead").get(pk=run.subject_id)
    by = User.objects.get(pk=run.job.requested_by_id)
    at = clock.now()
    with run.fenced(), translation.override("it"):
        copy = gather(request=request, by=by, at=at)
        run.progress(60, _("Writing the files"))
        files = {
            name: documents.store_document(
                kind=COPY_KIND, name=f"{request.number}.{ending}", content=content, by=by, subject_id=request.pk
            )
            for name, ending, content in (("copy_data", "json", as_json(copy)), ("copy_file", "pdf", as_pdf(copy)))
        }
        for old in (request.copy_data, request.copy_file):
            if old is not None:
                documents.destroy_document(document=old, by=by, at=at, reason=request.number)
        RightsRequest.objects.filter(pk=request.pk).update(**files, version=F("version") + 1)
        record_event(by=by, verb="copy_made", target=request, at=at)
        run.finish(url=request.get_absolute_url())


def gather(*, request: RightsRequest, by: Any, at: datetime) -> Copy:
    """Return everything that the portal holds of the person; opening the names writes who read them. Inside `acting`."""
    ids = records_of_person(one.pk for one in matched_records(request))
    sections = [
        Section("names", _("Names and codes that bodies wrote"), _names(request, ids, by, at)),
        *sections_of_recipients(ids),
        *sections_of_mediation(case_codes(request)),
        Section("held_by_bodies", _("What bodies hold in their own files"), _held(request)),
        Section("requests", _("Your requests"), _requests(ids)),
    ]
    # The names first: the reading of this moment is among those that the copy lists.
    rows = [(one.code, one.title, list(one.rows)) for one in sections]
    programme = request.programme
    return Copy(request.number, programme.title, str(programme.lead), at, rows)


def _names(request: RightsRequest, ids: list[int], by: Any, at: datetime) -> Iterator[dict[str, str]]:
    identities = Identity.objects.filter(beneficiary__in=ids, destroyed_at__isnull=True).select_related("organisation")
    rows = list(identities.order_by("organisation", "pk"))
    for _body, group in groupby(rows, key=lambda row: row.organisation_id):
        own = list(group)
        opened = read_sealed(
            identities=own,
            by=by,
            purpose=f"{OpeningPurpose.REQUEST.label}: {request.number}",
            page=PAGE,
            at=at,
            kind=ReadKind.EXPORT,
        )
        for identity in own:
            found = opened.get(identity.beneficiary_id)
            if found is not None:
                yield {
                    _("Given name"): found.given_name,
                    _("Surname"): found.family_name,
                    _("Tax code"): found.tax_code or identity.get_tax_code_missing_display(),
                    _("Written by"): str(identity.organisation),
                    _("Written on"): text(identity.created_at),
                }


def _held(request: RightsRequest) -> Iterator[dict[str, str]]:
    tasks = request.tasks.filter(answer=TaskAnswer.HELD).select_related("organisation").order_by("pk")
    for task in tasks:
        row = {_("Body"): str(task.organisation), _("Codes of the case"): text(task.codes), _("What"): task.held}
        yield {label: shown for label, shown in row.items() if shown}


def _requests(ids: list[int]) -> Iterator[dict[str, str]]:
    found = RightsRequest.objects.filter(matches__beneficiary__in=ids).distinct().order_by("pk")
    for one in found:
        yield {
            _("Number"): one.number,
            _("Right"): one.get_kind_display(),
            _("Received on"): text(one.received_on),
            _("State"): one.get_state_display(),
        }


def may_open_copy(user: Any, document: Document) -> bool:
    """Whether the person handles the case of a copy; others find nothing."""
    found = RightsRequest.objects.filter(pk=document.subject_id).first()
    return found is not None and can_handle(user, found.programme_id)


def page_of_copy(document: Document) -> str:
    """Return the address of the case of a copy."""
    found = RightsRequest.objects.filter(pk=document.subject_id).first()
    return found.get_absolute_url() if found else ""


def record_copy_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that a copy is opened: in the chains of the bodies that registered the person, or in that of the lead."""
    request = RightsRequest.objects.select_related("programme").get(pk=document.subject_id)
    records = matched_records(request)
    record_readings(by=by, kind=ReadKind.EXPORT, page=PAGE, subjects=records, purpose=purpose, at=at)
    record_file_opening(
        by=by,
        document=document,
        organisation=request.programme.lead_id,
        programme=request.programme_id,
        purpose=purpose,
        at=at,
    )


def deliver(*, request: RightsRequest, version: int, delivered_on: date, by: Any, at: datetime) -> None:
    """Say when the copy was delivered; 30 days later the portal destroys its own.

    Raises `DomainError` at `delivered_on`, and as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        if found.copy_file_id is None:
            raise DomainError(gettext_lazy("Make the copy first."))
        if not found.received_on <= delivered_on <= timezone.localdate(at):
            raise DomainError(
                gettext_lazy("The copy is delivered after the request arrived, and not after today."),
                field="delivered_on",
            )
        RightsRequest.objects.filter(pk=found.pk).update(delivered_on=delivered_on, version=F("version") + 1)
        record_event(by=by, verb="copy_delivered", target=found, at=at)
    request.refresh_from_db()


def destroy_of_persons(ids: Collection[int], by: Any, at: datetime) -> None:
    """Destroy the copies about some records, which are being erased."""
    found = RightsRequest.objects.filter(matches__beneficiary__in=ids).exclude(copy_file=None).distinct().order_by("pk")
    for one in found.select_related("copy_file", "copy_data"):
        for document in (one.copy_file, one.copy_data):
            if document is not None and document.destroyed_at is None:
                documents.destroy_document(document=document, by=by, at=at, reason=one.number)


def destroy_delivered(*, at: datetime) -> int:
    """Destroy the copies that were delivered 30 days ago, or whose case was closed then; returns how many."""
    before = timezone.localdate(at) - KEPT
    due = RightsRequest.objects.filter(
        Q(delivered_on__lt=before) | Q(closed_at__date__lt=before), copy_file__destroyed_at__isnull=True
    ).exclude(copy_file=None)
    number = 0
    for one in due.select_related("copy_file", "copy_data").order_by("pk"):
        with acting(None):
            for document in (one.copy_file, one.copy_data):
                if document is not None and document.destroyed_at is None:
                    documents.destroy_document(document=document, by=None, at=at, reason=one.number)
                    number += 1
            record_event(by=None, verb="copy_destroyed", target=one, at=at)
    return number
