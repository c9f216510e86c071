# SPDX-License-Identifier: EUPL-1.2
"""Issuing certificates of attendance and of guidance: numbered once, the names opened through the door of the vault and recorded.

One is handed out at once and kept nowhere. Many are made by a job in one sealed file, which goes after a week.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.models import Activity, Programme
from beneficiaries.enums import ReadKind
from beneficiaries.models import Certificate, Enrolment
from beneficiaries.permissions import certifying_bodies, check_can_certify
from beneficiaries.rendering.certificates import Paper, certificates_pdf
from beneficiaries.selectors.certificates import (
    CERTIFIED_STATES,
    JOB_KIND,
    KEPT,
    KIND,
    Attended,
    attended_by,
    files_with,
    identities_of,
    subjects_of,
)
from beneficiaries.services.identities import read_sealed
from beneficiaries.services.reading import record_file_opening
from fami_portal.core import clock
from fami_portal.core.documents import destroy_document, store_document
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import Run, enqueue
from fami_portal.core.models import Document, Job
from fami_portal.core.services import acting, record_event

# What the record of readings calls the paper.
PAGE = "beneficiaries:certificates"
# One file is one print: a longer one is printed in parts.
MOST = 500


def ask_certificates(
    *, activity: Activity, enrolments: Collection[int], birth_date: bool, key: UUID | None, by: Any
) -> Job:
    """Ask for the certificates of some enrolments (ids) of an activity, in one file made by a job.

    `birth_date` prints the day of birth too. Sent twice (`key`), or asked again while it is being made, it is one job.
    Raises `NotPermitted`; `DomainError` at `enrolments` for nobody, for more than one file holds, for somebody whose
    name is not open to the person or who attended nothing.
    """
    with acting(by):
        chosen = _checked(_whole(activity.pk), enrolments, by)
        ids = sorted(one.enrolment.pk for one in chosen)
        same = sha256(f"{ids} {birth_date}".encode()).hexdigest()[:16]
        return enqueue(
            kind=JOB_KIND,
            by=by,
            subject_id=activity.pk,
            parameters={"enrolments": ids, "birth_date": birth_date},
            key=f"{activity.pk}:{by.pk}:{same}",
            slot=f"{by.pk}:{key}" if key else "",
        )


def make_certificates(run: Run) -> None:
    """Make the file of a job: numbers, names, readings and file in one transaction, or nothing of it."""
    by = User.objects.get(pk=run.job.requested_by_id)
    at = clock.now()
    with run.fenced(), acting(by):
        activity = _whole(run.subject_id)
        chosen = _checked(activity, run.parameters["enrolments"], by)
        run.progress(10, _("Numbers and names"))
        papers = _papers(activity, chosen, by, at)
        run.progress(40, _("Writing the file"))
        content = certificates_pdf(activity, papers, birth_date=run.parameters["birth_date"], at=at)
        run.progress(90, _("Sealing the file"))
        document = store_document(kind=KIND, name="attestati.pdf", content=content, by=by, subject_id=activity.pk)
        run.finish(result=document, url=reverse("beneficiaries:certificates", args=[activity.uuid]))


def certificate_for(*, enrolment: Enrolment, birth_date: bool, by: Any, at: datetime) -> bytes:
    """Return the certificate of one enrolment as PDF; nothing of it is kept but its number. Raises as `ask_certificates`."""
    with acting(by):
        activity = _whole(enrolment.activity_id)
        papers = _papers(activity, _checked(activity, [enrolment.pk], by), by, at)
        return certificates_pdf(activity, papers, birth_date=birth_date, at=at)


def _whole(pk: int | None) -> Activity:
    """Return an activity as it is now, with what stands on the paper."""
    return Activity.objects.with_type().select_related("programme", "organisation__municipality", "venue").get(pk=pk)


def _checked(activity: Activity, enrolments: Collection[int], by: Any) -> list[Attended]:
    """Return who is to be certified, in the order of the page; see `ask_certificates` for what is refused."""
    check_can_certify(by, activity)
    if not activity.has_register or activity.state not in CERTIFIED_STATES:
        raise DomainError(_("Certificates are issued for an activity with a register that is running or concluded."))
    wanted = set(enrolments)
    if not wanted:
        raise DomainError(_("Choose at least one person."), field="enrolments")
    if len(wanted) > MOST:
        raise DomainError(
            _("One file holds at most %(most)s certificates: choose fewer people.") % {"most": MOST}, field="enrolments"
        )
    found = [one for one in attended_by(activity, certifying_bodies(by, activity)) if one.enrolment.pk in wanted]
    if len(found) != len(wanted):
        raise DomainError(
            _("The name of somebody that you chose is not open to you any more: look at the list again."),
            field="enrolments",
        )
    if any(not one.minutes for one in found):
        raise DomainError(
            _("Somebody that you chose was never present: there is nothing to certify."), field="enrolments"
        )
    return found


def _papers(activity: Activity, chosen: Sequence[Attended], by: Any, at: datetime) -> list[Paper]:
    """Number the certificates and open their names, which writes who read them."""
    issued = _issued(activity, chosen, by, at)
    opened = read_sealed(
        identities=identities_of(certifying_bodies(by, activity)).filter(
            beneficiary__in=[one.enrolment.beneficiary_id for one in chosen]
        ),
        by=by,
        purpose=str(_("Certificates of attendance")),
        page=PAGE,
        at=at,
        kind=ReadKind.EXPORT,
        activity=activity,
        codes=False,
    )
    papers = []
    for one in chosen:
        name = opened[one.enrolment.beneficiary_id]
        papers.append(Paper(one.enrolment, issued[one.enrolment.pk], name.given_name, name.family_name, one.guided))
    return sorted(papers, key=lambda paper: (paper.family_name.casefold(), paper.given_name.casefold()))


def _issued(activity: Activity, chosen: Sequence[Attended], by: Any, at: datetime) -> dict[int, Certificate]:
    """Return the certificate of each enrolment: the one with the same minutes, or a new one with the next number."""
    # One at a time for each programme: the numbers have no holes and no twins.
    Programme.objects.select_for_update(no_key=True, of=("self",)).get(pk=activity.programme_id)
    today = timezone.localdate(at)
    known = {
        _figures(row): row
        for row in Certificate.objects.filter(enrolment__in=[one.enrolment.pk for one in chosen]).order_by("pk")
    }
    rows = Certificate.objects.filter(programme=activity.programme_id, year=today.year)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    new = [one for one in chosen if one.figures not in known]
    made = Certificate.objects.bulk_create(
        Certificate(
            enrolment=one.enrolment,
            programme_id=activity.programme_id,
            year=today.year,
            number=last + place,
            issued_on=today,
            issued_by=by,
            minutes=one.minutes,
            minutes_held=one.held,
            interventions=one.guided.times if one.guided else 0,
        )
        for place, one in enumerate(new, 1)
    )
    if made:
        record_event(
            by=by,
            verb="certificates_issued",
            target=activity,
            data={"first": made[0].code, "last": made[-1].code, "number": len(made)},
            at=at,
        )
    known |= {_figures(row): row for row in made}
    return {one.enrolment.pk: known[one.figures] for one in chosen}


def _figures(row: Certificate) -> tuple[int, int, int, int]:
    return row.enrolment_id, row.minutes, row.minutes_held, row.interventions


def record_certificates_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that a file of certificates is opened, and why: in the chain of each body that registered somebody in it."""
    activity = Activity.objects.get(pk=document.subject_id)
    bodies: dict[int, list[int]] = {}
    for one in subjects_of(document):
        bodies.setdefault(one.registered_by_id, []).append(one.pk)
    for body in sorted(bodies):
        record_file_opening(
            by=by,
            document=document,
            organisation=body,
            programme=activity.programme_id,
            subjects=bodies[body],
            purpose=purpose,
            at=at,
        )


def destroy_expired(*, at: datetime) -> int:
    """Destroy the files whose days are over; the certificates stay, and are printed again. Returns how many."""
    due = Document.objects.filter(kind=KIND, created_at__lt=at - KEPT, destroyed_at__isnull=True).order_by("pk")
    number = 0
    for document in due:
        destroy_document(document=document, by=None, at=at)
        number += 1
    return number


def destroy_of_persons(ids: Collection[int], by: Any, at: datetime) -> None:
    """Destroy the files that carry the names of some records, which are being erased."""
    for document in files_with(ids):
        destroy_document(document=document, by=by, at=at)
