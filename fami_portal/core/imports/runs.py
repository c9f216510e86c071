# SPDX-License-Identifier: EUPL-1.2
"""What a person does with an import: sends the file, confirms it, gives it up. The workers do the rest (`work`)."""

import tempfile
from datetime import date, datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core import jobs, nav
from fami_portal.core.documents import check_document, destroy_document, store_document
from fami_portal.core.enums import ImportState, JobState
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.imports.reading import FileRefused, Table, as_utf8, open_table
from fami_portal.core.imports.registry import ImportKind, Place, kind_of, kinds_for
from fami_portal.core.imports.resource import Assessment, ImportResource
from fami_portal.core.imports.workflow import IMPORT
from fami_portal.core.models import ImportRun, Job
from fami_portal.core.services import acting, change_state, record_event
from fami_portal.core.uploads import EncryptedTemporaryFile

CHECK, WRITE, EXPIRE = "core.check_import", "core.write_import", "core.expire_imports"
# For how many days the files of an import are kept: those with names less.
KEPT, KEPT_NAMES = 30, 7
FINISHED = (ImportState.DONE, ImportState.CANCELLED, ImportState.REFUSED, ImportState.FAILED)


# --- what a person does -----------------------------------------------------------------------------------------------


def start_import(
    *,
    kind: ImportKind,
    place: Place | None,
    name: str,
    content: IO[bytes],
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> ImportRun:
    """Keep a file and have it checked; nothing of it is written yet.

    `key` is the submission key of the form: the second half of a double click gets the import of the first. Raises
    `NotPermitted`; `DomainError` at the field for a file that is not what it should be.
    """
    check_may_import(kind, by)
    if kind.places is not None and place is None:
        raise DomainError(_("Choose on whose behalf the file is imported."), field="place")
    kept = ImportRun.objects.filter(uuid=key, requested_by=by).first() if key else None
    if kept is not None:
        return kept
    checked = check_document(kind=kind.upload_kind, name=name, content=readable(name, content, kind))
    resource_of(kind, place, by, at).places_of(table_of(kind, checked.file, checked.name))
    checked.file.seek(0)
    try:
        with acting(by):
            found = ImportRun.objects.create(
                kind=kind.code,
                place=place.code if place else "",
                on_behalf_of=place.label[:300] if place else "",
                created_at=at,
                requested_by=by,
                expires_on=keep_until(kind, at),
                **({"uuid": key} if key else {}),
            )
            document = store_document(
                kind=kind.upload_kind, name=checked.name, content=checked, by=by, subject_id=found.pk
            )
            ImportRun.objects.filter(pk=found.pk).update(file=document)
            found.file = document
            record_event(
                by=by,
                verb="import_begun",
                target=found,
                on_behalf_of=found.on_behalf_of,
                data={"kind": kind.code, "sha256": document.sha256},
                at=at,
            )
            enqueue(CHECK, found, by)
    except IntegrityError:
        kept = ImportRun.objects.filter(uuid=key, requested_by=by).first() if key else None
        if kept is None:
            raise
        return kept
    return found


def check_may_import(kind: ImportKind, by: Any) -> None:
    """Raise `NotPermitted` when the person may not import this kind."""
    if by is not None and not kind.may_import(by):
        raise NotPermitted(_("Your role does not allow you to import this kind of file."))


def readable(name: str, content: IO[bytes], kind: ImportKind) -> IO[bytes]:
    """Return the file as the checks of documents take it: a CSV of an older Windows becomes UTF-8."""
    if not name.lower().endswith(".csv"):
        return content
    target: Any = EncryptedTemporaryFile() if kind.identity else tempfile.TemporaryFile()  # noqa: SIM115
    found = as_utf8(content, target)
    if found is not target:
        target.close()
    return found


def confirm_import(*, run: ImportRun, version: int, by: Any, at: datetime) -> ImportRun:
    """Have a checked import written. Confirmed again it changes nothing: a double click confirms once.

    `version` is that of the check that the person has seen. Raises `TransitionNotAllowed`.
    """
    with acting(by):
        locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state in (ImportState.WRITING, ImportState.DONE):
            return locked
        if locked.version != version:
            raise TransitionNotAllowed(
                _("The file was checked again meanwhile: look at what it changes now, then confirm.")
            )
        change_state(
            instance=run,
            workflow=IMPORT,
            transition="confirm",
            by=by,
            on_behalf_of=run.on_behalf_of,
            at=at,
            confirmed_at=at,
            version=F("version") + 1,
        )
        enqueue(WRITE, run, by)
    return run


def cancel_import(*, run: ImportRun, by: Any, at: datetime) -> ImportRun:
    """Give an import up; its file is destroyed. Given up again it changes nothing.

    Raises `TransitionNotAllowed` while it is being written by a worker that is at work.
    """
    with acting(by):
        locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state == ImportState.CANCELLED:
            return locked
        job = job_of(locked)
        if locked.state == ImportState.WRITING and job is not None and not job.is_finished:
            raise TransitionNotAllowed(_("The file is being written: wait until it is done."))
        end(run, "cancel", by, at)
    return run


def job_of(run: ImportRun) -> Job | None:
    """Return the latest job of an import."""
    return Job.objects.filter(kind__in=(CHECK, WRITE), subject_id=run.pk).order_by("-pk").first()


def is_stuck(run: ImportRun, job: Job | None) -> bool:
    """Whether the work stopped after errors and the person may give the import up."""
    return run.state not in FINISHED and job is not None and job.state == JobState.DEAD


def enqueue(kind: str, run: ImportRun, by: Any) -> None:
    jobs.enqueue(kind=kind, by=by, subject_id=run.pk, parameters={"import": run.pk}, key=f"import:{run.pk}")


def end(run: ImportRun, transition: str, by: Any, at: datetime, **values: Any) -> None:
    """End an import and destroy the file that was sent: what is needed of it is in the result."""
    kind = kind_of(run.kind)
    if kind is not None:
        values["expires_on"] = keep_until(kind, at)
    change_state(
        instance=run,
        workflow=IMPORT,
        transition=transition,
        by=by,
        on_behalf_of=run.on_behalf_of,
        at=at,
        finished_at=at,
        **values,
    )
    if run.file is not None:
        destroy_document(document=run.file, by=by, at=at)


def keep_until(kind: ImportKind, at: datetime) -> date:
    """Return until when the files of an import are kept."""
    return timezone.localdate(at) + timedelta(days=KEPT_NAMES if kind.identity else KEPT)


# --- what the check and the writing share -----------------------------------------------------------------------------


def resource_of(kind: ImportKind, place: Place | None, by: Any, at: datetime) -> ImportResource:
    """Return the resource of a kind for one file of a person."""
    return kind.resource(user=by, place=place, at=at)


def table_of(kind: ImportKind, file: IO[bytes], name: str) -> Table:
    """Return the table of a file. Raises `FileRefused`."""
    return open_table(file, name=name, sheet=str(kind.resource.sheet))


def assess(resource: ImportResource, table: Table, *, progress: Any = None) -> Assessment:
    """Check every row of a file without writing anything; `progress` hears how many percent are done."""
    found = Assessment(resource)
    for lines in resource.chunks(table):
        found.add(lines)
        if progress is not None:
            progress(100 * found.total // max(table.height, 1))
    if not found.total:
        raise FileRefused(_("The file has no rows: write them under the headers."))
    return found


nav.register(
    nav.NavItem(
        gettext_lazy("Imports"),
        "core:import-list",
        order=47,
        predicate=lambda user: bool(kinds_for(user)),
        group="activities",
    )
)
