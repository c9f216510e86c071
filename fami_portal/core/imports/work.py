# SPDX-License-Identifier: EUPL-1.2
"""What the workers do with an import: check it, write it in one transaction or not at all, end it when its time is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core import clock, jobs
from fami_portal.core.contents import clear_spool
from fami_portal.core.documents import destroy_document, store_document
from fami_portal.core.enums import ImportState
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.imports.files import write_result
from fami_portal.core.imports.reading import FileRefused, Table
from fami_portal.core.imports.registry import kind_of, place_for
from fami_portal.core.imports.resource import Assessment, ImportResource
from fami_portal.core.imports.rows import Line
from fami_portal.core.imports.runs import (
    CHECK,
    EXPIRE,
    FINISHED,
    WRITE,
    assess,
    check_may_import,
    end,
    enqueue,
    resource_of,
    table_of,
)
from fami_portal.core.imports.workflow import IMPORT
from fami_portal.core.jobs import Run, Slot
from fami_portal.core.models import Document, ImportRun, Job
from fami_portal.core.services import acting, change_state


class Outdated(Exception):
    """The data changed after the check in a way that alters what the rows do. Nothing was written."""


class _Opened:
    """An import with what is needed to read it, as the person who asked may now."""

    def __init__(self, run: ImportRun, at: datetime) -> None:
        kind = kind_of(run.kind)
        if kind is None or run.file is None:
            raise FileRefused(_("This kind of import is not offered any more."))
        self.run, self.kind, self.by, self.at = run, kind, run.requested_by, at
        check_may_import(kind, self.by)
        self.place = place_for(kind, self.by, run.place) if run.place else None
        if kind.places is not None and self.place is None:
            raise NotPermitted(_("You do not work for this body any more: nothing was imported."))
        self._name = run.file.name
        self._content = clear_spool(run.file)

    def resource(self) -> ImportResource:
        return resource_of(self.kind, self.place, self.by, self.at)

    def table(self) -> Table:
        return table_of(self.kind, self._content, self._name)


def _find(run: Run) -> ImportRun:
    return ImportRun.objects.select_related("file", "result", "requested_by").get(pk=run.subject_id)


def check_import(run: Run) -> None:
    """Check a file: what each row does, and every problem of every row."""
    found, at = _find(run), clock.now()
    if found.state != ImportState.CHECKING:
        return
    try:
        opened = _Opened(found, at)
        table = opened.table()
        step = _("Rows checked")
        result = assess(opened.resource(), table, progress=lambda share: run.progress(share * 9 // 10, step))
    except DomainError as error:
        _fail(run, found, error, at)
        return
    with run.fenced():
        document = _checked_file(opened, table, result) if result.refused else None
        counts = {name: result.counts[name] for name in ("new", "changed", "same", "refused")}
        with acting(opened.by):
            values: dict[str, Any] = {
                "total": result.total,
                "outcome": result.outcome,
                "report": result.report() | _again(found),
                "checked_at": at,
                "version": F("version") + 1,
                **counts,
            }
            if result.refused:
                end(found, "refuse", opened.by, at, result=document, **values)
            else:
                change_state(
                    instance=found, workflow=IMPORT, transition="approve", by=opened.by, at=at, data=counts, **values
                )
        run.finish(
            url=found.get_absolute_url(),
            subject=_("Import to be corrected: %(kind)s") % {"kind": opened.kind.label}
            if result.refused
            else _("Import to be confirmed: %(kind)s") % {"kind": opened.kind.label},
            body=_("The file was checked. Open the portal to see what it changes, row by row."),
        )


def _again(run: ImportRun) -> dict[str, Any]:
    """Return the mark of an import that was confirmed, and checked again because the data had changed."""
    return {"again": True} if run.confirmed_at is not None else {}


def _checked_file(opened: _Opened, table: Table, result: Assessment) -> Document:
    lines = (line for lines in opened.resource().chunks(table) for line in lines)
    return _store_result(opened, lines, result.total)


def _store_result(opened: _Opened, lines: Iterator[Line], rows: int) -> Document:
    ending, file = write_result(opened.resource(), lines, rows=rows, identity=opened.kind.identity)
    with file:
        return store_document(
            kind=opened.kind.result_kind,
            name=f"{opened.kind.code}-{timezone.localdate(opened.at):%Y-%m-%d}{ending}",
            content=file,
            by=opened.by,
            subject_id=opened.run.pk,
        )


def write_import(run: Run) -> None:
    """Write a confirmed import, all of it in one transaction, if it still does what was confirmed."""
    found, at = _find(run), clock.now()
    if found.state != ImportState.WRITING:
        return
    try:
        opened = _Opened(found, at)
        with run.fenced(), acting(opened.by):
            document = _written(run, opened, opened.table())
            end(found, "finish", opened.by, at, result=document, version=F("version") + 1)
            run.finish(
                url=found.get_absolute_url(),
                subject=_("Import done: %(kind)s") % {"kind": opened.kind.label},
                body=_("The rows of the file are in the portal. Open it to see the result."),
            )
    except Outdated:
        with run.fenced():
            change_state(instance=found, workflow=IMPORT, transition="recheck", by=opened.by, at=at)
            enqueue(CHECK, found, opened.by)
            run.finish(notify=False)
    except DomainError as error:
        _fail(run, found, error, at)


def _written(run: Run, opened: _Opened, table: Table) -> Document:
    """Write the rows, and return the file that says what became of each. Raises `Outdated`."""
    resource, total = opened.resource(), opened.run.total
    result = Assessment(resource)

    def lines() -> Iterator[Line]:
        for chunk in resource.chunks(table):
            result.add(chunk)
            if result.refused:
                raise Outdated
            resource.write(chunk)
            run.progress(95 * result.total // max(total, 1), _("Rows written"))
            yield from chunk
        resource.finish()

    document = _store_result(opened, lines(), total)
    if result.outcome != opened.run.outcome:
        raise Outdated
    return document


def _fail(run: Run, found: ImportRun, error: DomainError, at: datetime) -> None:
    """End an import that cannot be read or written as a whole, with the reason; nothing was written."""
    with run.fenced():
        end(found, "fail", found.requested_by, at, report={"reason": str(error)}, version=F("version") + 1)
        run.finish(
            url=found.get_absolute_url(),
            subject=_("Import stopped: nothing was written"),
            body=_("The file could not be imported. Open the portal to see why."),
        )


def expire_imports(*, at: datetime) -> int:
    """Destroy the files and the reports of the imports whose time is over; what was waiting is given up. Returns how many."""
    left = Q(report={}) & Q(file__destroyed_at__isnull=False) & Q(result__isnull=True)
    over = ImportRun.objects.filter(expires_on__lt=timezone.localdate(at)).exclude(left)
    gone = Q(result__destroyed_at__isnull=False) & Q(report={})
    number = 0
    for run in over.exclude(gone).select_related("file", "result").order_by("pk")[:500]:
        with acting(None):
            locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
            if locked.state not in FINISHED:
                end(run, "cancel", None, at)
            for document in (run.file, run.result):
                if document is not None:
                    destroy_document(document=document, by=None, at=at)
            ImportRun.objects.filter(pk=run.pk).update(report={}, expires_on=timezone.localdate(at) - timedelta(days=1))
        number += 1
    return number


def _expire(run: Run) -> None:
    expire_imports(at=clock.now())


def _days(now: datetime) -> Iterator[Slot]:
    yield Slot(f"{timezone.localdate(now):%Y-%m-%d}")


def _nobody(user: Any, job: Job) -> bool:
    return False


jobs.register_job(CHECK, handler=check_import, label=gettext_lazy("Check of a file to import"), may_see=_nobody)
jobs.register_job(WRITE, handler=write_import, label=gettext_lazy("Import of a file"), may_see=_nobody)
jobs.register_job(EXPIRE, handler=_expire, label=gettext_lazy("End of old imports"), may_see=_nobody, periodic=_days)
