# SPDX-License-Identifier: EUPL-1.2
"""Extracts for the evaluation: asked for with a purpose, approved once until a day, made once, each opening recorded.

When the day is over the file is destroyed.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.models import Period, Programme
from fami_portal.core import clock, jobs, outbox
from fami_portal.core.documents import destroy_document, store_document
from fami_portal.core.errors import DomainError, NotPermitted, required_text
from fami_portal.core.jobs import Run
from fami_portal.core.models import Document
from fami_portal.core.services import acting, change_state, record_event
from reporting import permissions
from reporting.enums import ExtractProduct, ExtractState
from reporting.models import Extract
from reporting.rendering import extracts as rendering
from reporting.selectors import anonymity, as_of
from reporting.selectors import extracts as selectors
from reporting.selectors.output_reports import people_of_programme
from reporting.workflow import EXTRACT

# The longest time for which an approval holds, in days; an assignment that lasts longer is approved again.
LONGEST = 366


class ExtractExpired(DomainError):
    """The approval no longer holds, or there is no file yet."""


def request_extract(
    *,
    programme: Programme,
    product: str,
    first: Period,
    last: Period,
    purpose: str,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> Extract:
    """Ask for a product over whole periods; `key` is the submission key of the form. The coordinators are told.

    Raises `NotPermitted` for who does not evaluate the programme, `DomainError` at the field that must change: a period
    that runs, days of an earlier extract (ADR 20), no purpose.
    """
    organisation = selectors.evaluator_of(by, programme)
    if organisation is None:
        raise NotPermitted(_("Only those who evaluate this programme ask for extracts of its data."))
    purpose = " ".join(purpose.split())
    if len(purpose) < 20:
        raise DomainError(
            _("Say in a sentence which question of the evaluation the data answer: the coordinator decides on it."),
            field="purpose",
        )
    product = ExtractProduct(product).value
    with acting(by):
        _one_at_a_time(programme)
        known = Extract.objects.filter(uuid=key, requested_by=by).first() if key else None
        if known is not None:
            return known
        _check_window(programme, organisation, first, last, at)
        extract = Extract.objects.create(
            programme=programme,
            organisation=organisation,
            product=product,
            first_period=first,
            last_period=last,
            purpose=purpose,
            requested_at=at,
            requested_by=by,
            **({"uuid": key} if key else {}),
        )
        record_event(by=by, verb="extract_requested", target=extract, data={"product": product}, at=at)
        _tell(
            extract,
            "requested",
            people_of_programme(programme, Permission.MANAGE_PROGRAMME),
            _("Extract to be decided: %(programme)s"),
            _("%(body)s asks for an extract of the data for the evaluation. Open it to read the purpose and decide."),
        )
    return extract


def _one_at_a_time(programme: Programme) -> None:
    """Let the requests of a programme wait for one another: two at once could overlap."""
    Programme.objects.select_for_update(no_key=True, of=("self",)).get(pk=programme.pk)


def _check_window(programme: Programme, organisation: Any, first: Period, last: Period, at: datetime) -> None:
    if first.programme_id != programme.pk or last.programme_id != programme.pk:
        raise DomainError(_("Choose periods of this programme."), field="first_period")
    if last.starts_on < first.starts_on:
        raise DomainError(_("The last period comes before the first."), field="last_period")
    if last.ends_on >= timezone.localdate(at):
        raise DomainError(_("This period is not over yet: choose one that has ended."), field="last_period")
    if not as_of.latest(programme).number:
        raise DomainError(
            _("Nothing has been validated yet in this programme: ask when the reports of the period are validated."),
            field="last_period",
        )
    earlier = selectors.in_the_way(programme=programme, organisation=organisation, first=first, last=last)
    if earlier is not None:
        raise DomainError(
            _(
                "You have asked for %(window)s already. Two extracts with days in common could be subtracted from one "
                "another: choose other periods, or open the extract that you have."
            )
            % {"window": earlier.window},
            field="first_period",
        )


def approve_extract(*, extract: Extract, expires_on: date, by: Any, at: datetime) -> Extract:
    """Approve a request until a day, and have its file made. Asked of an approved one, it moves the day alone.

    Raises `NotPermitted` for who does not lead the programme or asked for it, `TransitionNotAllowed`, or `DomainError`
    when the day is over or more than a year away, or the file was destroyed.
    """
    permissions.check_can_decide_extract(by, extract)
    today = timezone.localdate(at)
    if not today < expires_on <= today + timedelta(days=LONGEST):
        raise DomainError(
            _("Choose a day after today and within a year: an approval does not last for ever."), field="expires_on"
        )
    with acting(by):
        locked = Extract.objects.select_related("document").select_for_update(of=("self",)).get(pk=extract.pk)
        if locked.state == ExtractState.APPROVED:
            if locked.destroyed_at:
                raise DomainError(destroyed_words(locked), field="expires_on")
            if locked.expires_on != expires_on:
                Extract.objects.filter(pk=extract.pk).update(expires_on=expires_on)
                record_event(
                    by=by, verb="extract_extended", target=extract, data={"until": expires_on.isoformat()}, at=at
                )
            extract.refresh_from_db()
            return extract
        change_state(
            instance=extract,
            workflow=EXTRACT,
            transition="approve",
            by=by,
            at=at,
            data={"until": expires_on.isoformat()},
            decided_at=at,
            decided_by=by,
            expires_on=expires_on,
        )
        jobs.enqueue(
            kind=selectors.JOB_KIND,
            by=extract.requested_by,
            subject_id=extract.pk,
            parameters={"extract": extract.pk},
            key=f"extract:{extract.pk}",
        )
    return extract


def refuse_extract(*, extract: Extract, reason: str, by: Any, at: datetime) -> Extract:
    """Refuse a request, saying why; the evaluator reads it.

    Raises `NotPermitted`, `TransitionNotAllowed`, or `DomainError` without a reason.
    """
    permissions.check_can_decide_extract(by, extract)
    reason = required_text(reason, _("Write why: the evaluator reads it."))
    with acting(by):
        change_state(
            instance=extract,
            workflow=EXTRACT,
            transition="refuse",
            by=by,
            comment=reason,
            at=at,
            decided_at=at,
            decided_by=by,
            reason=reason,
        )
        _tell(
            extract,
            "refused",
            [extract.requested_by],
            _("Extract refused: %(programme)s"),
            _("The coordinator has refused your request of an extract and says why in the portal."),
        )
    return extract


def open_extract(*, extract: Extract, by: Any, at: datetime) -> Document:
    """Record that somebody of the evaluator opens the file, and return it: no opening is left unrecorded.

    Raises `NotPermitted` for everybody else, `ExtractExpired` when the approval is over or the file is being made.
    """
    permissions.check_can_open_extract(by, extract)
    with acting(by):
        locked = Extract.objects.select_related("document").select_for_update(of=("self",)).get(pk=extract.pk)
        if locked.state != ExtractState.APPROVED or locked.document is None:
            raise ExtractExpired(_("The file is not ready yet: a notification tells you when it is."))
        if locked.destroyed_at:
            raise ExtractExpired(destroyed_words(locked))
        if locked.has_expired(timezone.localdate(at)):
            raise ExtractExpired(
                _("The approval ended on %(day)s: ask the regional coordinator to extend it.")
                % {"day": f"{locked.expires_on:%d/%m/%Y}"}
            )
        record_event(by=by, verb="extract_opened", target=extract, data={"sha256": locked.document.sha256}, at=at)
        return locked.document


def destroyed_words(extract: Extract) -> str:
    """Say of an extract whose file is destroyed when that was."""
    return _("The approval ended on %(end)s, and the file was destroyed on %(day)s. It is not made again.") % {
        "end": f"{extract.expires_on:%d/%m/%Y}",
        "day": f"{timezone.localdate(extract.destroyed_at):%d/%m/%Y}",
    }


def destroy_expired(*, at: datetime) -> int:
    """Destroy the files of the extracts whose last day is over; fingerprint, dates and openings stay as evidence.

    Each in a transaction of its own and under its lock, so that a day moved at the same moment counts. Returns how many;
    the next time there is nothing left to do.
    """
    today = timezone.localdate(at)
    over = Extract.objects.filter(expires_on__lt=today, document__destroyed_at__isnull=True, document__isnull=False)
    done = 0
    for pk in over.order_by("pk").values_list("pk", flat=True):
        with acting(None):
            extract = Extract.objects.select_related("document").select_for_update(of=("self",)).get(pk=pk)
            if extract.document is None or extract.destroyed_at or not extract.has_expired(today):
                continue
            destroy_document(document=extract.document, by=None, at=at)
            record_event(
                by=None, verb="extract_destroyed", target=extract, data={"sha256": extract.document.sha256}, at=at
            )
            done += 1
    return done


def produce_extract(run: Run) -> None:
    """Make the file of an approved request (the handler of the job); made once, it stays."""
    extract = Extract.objects.with_parts().get(pk=run.parameters["extract"])
    if extract.document_id is not None:
        run.finish(url=extract.get_absolute_url(), notify=False)
        return
    programme = extract.programme
    posting = as_of.latest(programme)
    run.progress(10, _("Figures"))
    found = selectors.served(programme=programme, posting=posting, first=extract.first_period, last=extract.last_period)
    lists = selectors.code_lists(programme)
    head = rendering.Head(programme.title, extract.organisation.name, extract.window, extract.purpose, posting.number)
    run.progress(40, _("Protection of small numbers"))
    if extract.product == ExtractProduct.TABLES:
        content = rendering.render_tables(head, selectors.cross_tables(found.supports), lists)
    else:
        allowed = {person: rows for person, rows in found.supports.items() if person not in found.restricted}
        covered = anonymity.generalised(allowed)
        key = selectors.pseudonym_key(programme=programme, organisation=extract.organisation)
        names = {person: selectors.pseudonym(key, person) for person in covered.supports}
        content = rendering.render_rows(head, covered, names, lists)
    run.progress(90, _("Files"))
    at = clock.now()
    with run.fenced(), acting(None):
        document = store_document(
            kind=selectors.DOCUMENT_KIND,
            name=f"{programme.slug}_{extract.product}_{extract.first_period.code}_{extract.last_period.code}.zip",
            content=content,
            by=None,
            subject_id=extract.pk,
        )
        Extract.objects.filter(pk=extract.pk, document=None).update(
            document=document, produced_at=at, posting=posting.id
        )
        record_event(
            by=None,
            verb="extract_produced",
            target=extract,
            data={"posting": posting.number, "sha256": document.sha256},
            at=at,
        )
        run.finish(
            url=extract.get_absolute_url(),
            subject=_("Extract approved and ready"),
            body=_("The file can be opened from its page in the portal; each opening is recorded."),
        )


def _tell(extract: Extract, what: str, people: Any, subject: str, body: str) -> None:
    values = {"programme": extract.programme.title, "body": extract.organisation.name}
    outbox.queue_messages(
        outbox.Draft(
            key=f"extract:{extract.pk}:{what}:{person.pk}",
            kind=f"reporting.extract_{what}",
            recipient=person,
            subject=subject % values,
            body=body % values,
            url=extract.get_absolute_url(),
        )
        for person in people
    )
