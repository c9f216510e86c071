# SPDX-License-Identifier: EUPL-1.2
"""The report of a destruction: its lines, as rows of a file and of a page."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.models import Programme
from fami_portal.core.exports import CellType, Column, csv_chunks
from fami_portal.core.models import Document
from privacy.enums.retention import Anchor, DataClass
from privacy.models import RetentionLine, RetentionRun
from privacy.permissions.retention import can_manage_retention
from privacy.selectors.retention_parts import part_label
from privacy.selectors.retention_rules import Rule

DOCUMENT = "privacy_retention_report"


def lines_of(run: RetentionRun) -> QuerySet[RetentionLine]:
    """Return the lines of a destruction, always in the same order."""
    return (
        RetentionLine.objects.filter(run=run)
        .select_related("organisation")
        .order_by("data_class", "part", "organisation__name", "pk")
    )


def rule_words(line: RetentionLine) -> str:
    """Return the rule by which a line was destroyed, in words."""
    return Rule(DataClass(line.data_class), line.months, Anchor(line.anchor), line.basis).words


def columns() -> list[Column]:
    """Return the columns of the file of a report."""
    return [
        Column(_("Data"), lambda line: str(line.get_data_class_display()), width=40),
        Column(_("Records"), lambda line: str(part_label(line.part)), width=30),
        Column(_("Body"), lambda line: line.organisation.name if line.organisation else "", width=40),
        Column(_("Destroyed"), "destroyed", CellType.INTEGER),
        Column(pgettext_lazy("retention", "Held"), "held", CellType.INTEGER),
        Column(_("Rule"), rule_words, width=40),
        Column(_("Source"), "basis", width=60),
    ]


def content_of(run: RetentionRun) -> bytes:
    """Return the lines as CSV: what the digest of the report is taken over."""
    return b"".join(csv_chunks(columns(), lines_of(run)))


def digest_of(run: RetentionRun) -> str:
    """Return the SHA-256 of the lines."""
    return hashlib.sha256(content_of(run)).hexdigest()


def may_open_report(user: Any, document: Document) -> bool:
    """Whether the person may open the kept report: whoever manages the retention of its programme."""
    run = RetentionRun.objects.filter(report=document).select_related("programme").first()
    programme: Programme | None = run.programme if run else None
    return run is not None and can_manage_retention(user, programme)
