# SPDX-License-Identifier: EUPL-1.2
"""The report of a destruction, kept as a document: what, how many, when, by which rule, and the digest of it."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fami_portal.core.documents import store_document
from fami_portal.core.models import Document
from privacy.models import RetentionRun
from privacy.rendering.tables import PaperTable, paper
from privacy.selectors.retention_parts import part_label
from privacy.selectors.retention_reports import DOCUMENT, digest_of, lines_of, rule_words


def store_report(*, run: RetentionRun, at: datetime) -> Document:
    """Write the report of a destruction that has just ended; it names bodies and numbers, never a person."""
    lines = list(lines_of(run))
    day = timezone.localtime(run.at)
    whose = run.programme.title if run.programme else _("The whole portal")
    facts = [
        (_("Programme"), whose),
        (_("Begun on"), date_format(day, "j F Y, H:i")),
        (_("Ended on"), date_format(timezone.localtime(at), "j F Y, H:i")),
        (_("Asked by"), run.asked_by.get_full_name() if run.asked_by else _("The portal")),
        (_("Destroyed"), str(sum(line.destroyed for line in lines))),
        (pgettext("retention", "Held"), str(sum(line.held for line in lines))),
        (_("Digest of the lines (SHA-256 of the CSV file)"), digest_of(run)),
    ]
    table = PaperTable(
        _("What was destroyed, by which rule"),
        [_("Data"), _("Records"), _("Body"), _("Destroyed"), pgettext("retention", "Held"), _("Rule"), _("Source")],
        [
            [
                str(line.get_data_class_display()),
                str(part_label(line.part)),
                line.organisation.name if line.organisation else "",
                str(line.destroyed),
                str(line.held),
                rule_words(line),
                line.basis,
            ]
            for line in lines
        ],
        widths=[4, 3, 4, 2, 2, 4, 6],
        numeric=[3, 4],
    )
    pdf = paper(
        title=_("Report of a destruction of data"),
        kicker=_("Retention of personal data (Reg. (EU) 2016/679, art. 5)"),
        facts=facts,
        tables=[table],
        foot=_("Names, codes and texts were destroyed in the portal; figures, registers and reports stay."),
        at=at,
        wide=True,
    )
    return store_document(
        kind=DOCUMENT, name=f"{_('destruction')}-{day:%Y-%m-%d}-{run.pk}.pdf", content=pdf, by=None, subject_id=run.pk
    )
