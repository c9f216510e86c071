# SPDX-License-Identifier: EUPL-1.2
"""The periodic output report: asked for, produced once from frozen figures, transmitted (design 4, 5, 10)."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.models import Period, Programme
from fami_portal.core import jobs, outbox
from fami_portal.core.documents import store_document
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import Run
from fami_portal.core.models import Document, Job
from fami_portal.core.services import acting, change_state, record_event
from reporting import permissions
from reporting.context import build_context, canonical_json
from reporting.ledger import postings
from reporting.models import OutputReport, Posting
from reporting.rendering.csv import render_csv
from reporting.rendering.pdf import render_pdf
from reporting.rendering.xlsx import render_xlsx
from reporting.selectors import as_of, frozen
from reporting.selectors import output_reports as selectors
from reporting.workflow import OUTPUT_REPORT

EXTENSIONS = ("pdf", "xlsx", "csv", "json")


class GapsNotConfirmed(DomainError):
    """The period has activity reports that are not validated; whoever transmits must say that it knows."""


@dataclass(frozen=True)
class Package:
    """The four files of one content, made but not kept."""

    content: dict[str, Any]
    files: dict[str, bytes]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.files["json"]).hexdigest()


def file_name(programme: Programme, period: Period, extension: str) -> str:
    """Return the name of a file of the report, the same wherever it is written."""
    return f"{programme.slug}_{period.code}.{extension}"


def check_ended(period: Period) -> None:
    """Raise `DomainError` while the period is still running."""
    if period.ends_on >= timezone.localdate():
        raise DomainError(
            _("The period %(period)s ends on %(day)s: its report can be produced from the next day.")
            % {"period": period.code, "day": f"{period.ends_on:%d/%m/%Y}"}
        )


def make_package(
    *, programme: Programme, period: Period, progress: Callable[[int, object], None] | None = None
) -> Package:
    """Compute the content as of the last posting and draw the four files; writes nothing.

    `progress(percent, step)` is told before each step. Raises `DomainError` while the period is running.
    """
    check_ended(period)
    tell = progress or (lambda percent, step: None)
    tell(5, _("Figures"))
    content = build_context(programme, period, as_of.latest(programme))
    files = {"json": canonical_json(content)}
    tell(35, _("PDF"))
    files["pdf"] = render_pdf(content)
    tell(65, _("XLSX"))
    files["xlsx"] = render_xlsx(content)
    tell(80, _("CSV"))
    files["csv"] = render_csv(content)
    tell(90, _("JSON"))
    return Package(content, files)


def files_of(*, programme: Programme, period: Period) -> dict[str, bytes]:
    """Return the four files by extension: those that were transmitted, or new ones as of the last posting.

    Writes nothing. Raises `DomainError` while the period is running.
    """
    kept = selectors.transmitted_report(period)
    if kept is None:
        files = make_package(programme=programme, period=period).files
        return {extension: files[extension] for extension in EXTENSIONS}
    found = {}
    for extension in EXTENSIONS:
        with getattr(kept, extension).file.open("rb") as file:
            found[extension] = file.read()
    return found


def request_output_report(*, programme: Programme, period: Period, by: Any) -> Job:
    """Ask for the report of a period to be produced in the background; asked again while it runs, the same job.

    Raises `NotPermitted`, or `DomainError` while the period is running or once its report has been transmitted.
    """
    permissions.check_can_produce(by, programme.pk)
    check_ended(period)
    if selectors.transmitted_report(period) is not None:
        raise DomainError(
            _("The report of %(period)s has been transmitted and does not change: later facts enter the next one.")
            % {"period": period.code}
        )
    with acting(by):
        job = jobs.enqueue(
            kind=selectors.JOB_KIND,
            by=by,
            subject_id=period.pk,
            parameters={"period": period.pk},
            key=f"period:{period.pk}",
        )
        record_event(by=by, verb="output_report_requested", target=period, data={"job": job.pk})
    return job


def generate_output_report(*, programme: Programme, period: Period, by: Any, run: Run | None = None) -> OutputReport:
    """Produce the report of a period as of the last posting, keep its four files, and tell the coordinators.

    With the same content as the newest version no row is added: that version comes back. So does a transmitted
    report, which never changes. Within a job (`run`) everything is written inside its fence and ends it.
    Raises `DomainError` while the period is running.
    """
    kept = selectors.transmitted_report(period)
    if kept is not None:
        if run is not None:
            run.finish(result=kept.pdf, url=kept.get_absolute_url())
        return kept
    package = make_package(programme=programme, period=period, progress=run.progress if run else None)
    with _writing(by, run):
        # One writer for each period: the second finds what the first wrote.
        Period.objects.select_for_update(no_key=True, of=("self",)).get(pk=period.pk)
        newest = selectors.newest_report(period)
        known = newest if newest is not None and newest.content_sha256 == package.sha256 else None
        report = known or _store(programme=programme, period=period, package=package, by=by)
        if known is None:
            _tell_coordinators(report)
        if run is not None:
            run.finish(
                result=report.pdf,
                url=report.get_absolute_url(),
                subject=_("The report of %(period)s has not changed") % {"period": period.code} if known else "",
                body=_("Nothing has been validated since version %(version)s: it is still the one to read.")
                % {"version": report.version}
                if known
                else "",
                notify=known is not None,
            )
    return report


@contextmanager
def _writing(by: Any, run: Run | None) -> Iterator[None]:
    """The transaction of the effects: the job's fence where there is one, in the name of who asked."""
    if run is None:
        with acting(by):
            yield
    else:
        with run.fenced(), acting(by):
            yield


def _store(*, programme: Programme, period: Period, package: Package, by: Any) -> OutputReport:
    number = package.content["frozen"]["posting"]
    last = OutputReport.objects.filter(period=period).aggregate(last=Max("version"))["last"] or 0
    documents: dict[str, Document] = {
        extension: store_document(
            kind=selectors.DOCUMENT_KIND,
            name=file_name(programme, period, extension),
            content=package.files[extension],
            by=by,
            subject_id=period.pk,
        )
        for extension in EXTENSIONS
    }
    report = OutputReport.objects.create(
        programme=programme,
        period=period,
        version=last + 1,
        posting=Posting.objects.filter(programme=programme, number=number).order_by("pk").first(),
        posting_number=number,
        content_sha256=package.sha256,
        generated_at=timezone.now(),
        generated_by=by,
        **documents,
    )
    record_event(
        by=by,
        verb="output_report_generated",
        target=report,
        data={"version": report.version, "posting": number, "sha256": package.sha256},
    )
    return report


def _tell_coordinators(report: OutputReport) -> None:
    values = {"period": report.period.code, "programme": report.programme.title, "version": report.version}
    outbox.queue_messages(
        outbox.Draft(
            key=f"output_report:{report.pk}:generated:{person.pk}",
            kind="reporting.output_report_generated",
            recipient=person,
            subject=_("Output report %(period)s ready: %(programme)s") % values,
            body=_("Version %(version)s of the report of %(period)s can be read and downloaded in the portal.")
            % values,
            url=report.get_absolute_url(),
        )
        for person in selectors.people_of_programme(report.programme, Permission.PRODUCE_OUTPUT_REPORTS)
    )


def transmit(*, report: OutputReport, by: Any, at: datetime, with_gaps: bool = False) -> OutputReport:
    """Mark the newest version as sent to the ministry: from now on its period never moves.

    Takes the lock of the ledger, closes the days up to the end of the period, writes transition log and audit event
    and tells the coordinators. With activity reports missing, `with_gaps` says that whoever transmits knows it.
    Raises `NotPermitted`, `GapsNotConfirmed`, `TransitionNotAllowed`, or `DomainError` when the figures have moved,
    a newer version exists, or an earlier period with reports has not been transmitted.
    """
    permissions.check_can_transmit(by, report.programme_id)
    with acting(by):
        postings.take_head(report.programme)
        report = OutputReport.objects.with_parts().get(pk=report.pk)
        OUTPUT_REPORT.check(report.state, "transmit")
        _check_current(report)
        gaps = frozen.gaps(report.programme, report.period)
        if gaps and not with_gaps:
            raise GapsNotConfirmed(
                _("%(count)s activity reports are not validated: confirm that you transmit without them.")
                % {"count": len(gaps)}
            )
        change_state(
            instance=report,
            workflow=OUTPUT_REPORT,
            transition="transmit",
            by=by,
            at=at,
            data={"version": report.version, "posting": report.posting_number, "gaps": len(gaps)},
            transmitted_at=at,
            transmitted_by=by,
        )
        postings.mark_transmitted(programme=report.programme, until=report.period.ends_on)
        _tell_transmitted(report)
    return report


def _check_current(report: OutputReport) -> None:
    """Refuse to transmit what is not the last word on the period."""
    period = report.period
    newest = selectors.newest_report(period)
    if newest is None or newest.pk != report.pk:
        raise DomainError(_("There is a newer version of this report: transmit that one."))
    at = as_of.AsOf(report.programme_id, report.posting_number, report.posting_id or 0)
    if as_of.moved_since(at, until=period.ends_on):
        raise DomainError(_("Figures of this period have moved since the report was produced: produce it again."))
    if read_content(report)["frozen"]["gaps"] != frozen.gaps(report.programme, period):
        raise DomainError(_("The list of missing activity reports has changed: produce the report again."))
    earlier = selectors.first_untransmitted_before(period)
    if earlier is not None:
        raise DomainError(_("Transmit the report of %(period)s first.") % {"period": earlier.code})


def read_content(report: OutputReport) -> dict[str, Any]:
    """Return the frozen content of a report, from its JSON file."""
    with report.json.file.open("rb") as file:
        return json.loads(file.read())


def _tell_transmitted(report: OutputReport) -> None:
    values = {"period": report.period.code, "programme": report.programme.title}
    outbox.queue_messages(
        outbox.Draft(
            key=f"output_report:{report.pk}:transmitted:{person.pk}",
            kind="reporting.output_report_transmitted",
            recipient=person,
            subject=_("Output report %(period)s transmitted: %(programme)s") % values,
            body=_("The figures of %(period)s do not change any more; corrections enter the next period.") % values,
            url=report.get_absolute_url(),
        )
        for person in selectors.people_of_programme(report.programme, Permission.VIEW_OUTPUT_REPORTS)
    )


def run_job(run: Run) -> None:
    """Do the background work of one period (the handler of the job)."""
    period = Period.objects.select_related("programme", "programme__lead").get(pk=run.parameters["period"])
    generate_output_report(programme=period.programme, period=period, by=run.job.requested_by, run=run)
