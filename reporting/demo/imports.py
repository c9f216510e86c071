# SPDX-License-Identifier: EUPL-1.2
"""What the Region of the demonstration has imported: addresses of bodies, written; new associations, waiting."""

import io
from collections.abc import Sequence

from accounts.models import User
from fami_portal.core import clock
from fami_portal.core.exports import Column, Sheet, write_xlsx
from fami_portal.core.imports import confirm_import, kind_of, start_import
from fami_portal.core.imports.runs import job_of
from fami_portal.core.jobs import run_job
from fami_portal.core.models import ImportRun
from partners.models import Organisation
from reporting.demo import world

HEADERS = ("name", "kind", "fiscal_code", "informal_reason", "email")
NEW = ("Associazione Orizzonti comuni", "Associazione Le parole di casa", "Gruppo Donne del quartiere")


def imported_bodies() -> None:
    """Import the addresses of four bodies to the end, and let three new associations wait to be confirmed."""
    region = User.objects.get(email=f"regione{world.DOMAIN}")
    known = Organisation.objects.exclude(fiscal_code="").filter(school_code="", network_stays__isnull=False)
    rows = [
        (body.name, body.kind, body.fiscal_code, "", f"segreteria.{body.pk}@demo.portale-fami.example")
        for body in known.order_by("pk").distinct()[:4]
    ]
    done = _sent(rows, region)
    confirm_import(run=done, version=done.version, by=region, at=clock.now())
    _worked(done)
    _sent([(name, "migrant_association", "", "informal_group", "") for name in NEW], region)


def _sent(rows: Sequence[Sequence[str]], by: User) -> ImportRun:
    kind = kind_of("organisations")
    if kind is None:
        raise LookupError("organisations")
    content = io.BytesIO()
    columns = [Column(header, index) for index, header in enumerate(HEADERS)]
    write_xlsx(content, [Sheet(kind.resource.sheet, columns, rows)], in_memory=True)
    run = start_import(kind=kind, place=None, name="enti.xlsx", content=content, by=by, at=clock.now())
    return _worked(run)


def _worked(run: ImportRun) -> ImportRun:
    job = job_of(run)
    if job is not None:
        run_job(job.pk, heartbeat=False)
    return ImportRun.objects.get(pk=run.pk)
