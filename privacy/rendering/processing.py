# SPDX-License-Identifier: EUPL-1.2
"""The register of processing on paper."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from actions.models import ProcessingRole, Programme
from privacy.rendering.tables import PaperTable, paper
from privacy.selectors.processing import Activity


def register_paper(
    programme: Programme | None, activities: Sequence[Activity], roles: Sequence[ProcessingRole], *, at: datetime
) -> bytes:
    """Return the PDF of the register of a programme, or of the portal."""
    day = date_format(timezone.localtime(at), "j F Y")
    facts = [(_("Programme"), programme.title if programme else _("The whole portal")), (_("Day"), day)]
    tables = []
    if programme is not None:
        facts.append((_("Lead"), programme.lead.name))
        tables.append(
            PaperTable(
                _("Parts of the bodies in the processing"),
                [_("Body"), _("Part in the processing"), _("Act that gives it"), _("Contact of the officer")],
                [
                    [
                        row.organisation.name,
                        str(row.get_role_display()),
                        f"{row.legal_act}, {row.act_on:%d/%m/%Y}",
                        row.dpo_contact,
                    ]
                    for row in roles
                ],
            )
        )
    for activity in activities:
        purpose = activity.purpose
        tables.append(
            PaperTable(
                str(purpose.title),
                [_("Purpose"), _("Basis"), _("Of whom"), _("Who receives them")],
                [[str(purpose.purpose), str(purpose.basis), str(purpose.subjects), str(purpose.recipients)]],
            )
        )
        tables.append(
            PaperTable(
                f"{purpose.title}: {_('data and times')}",
                [_("Data"), _("Personal data"), _("Data of recipients"), _("Kept"), _("Source or reason")],
                [
                    [row.name, ", ".join(row.personal), ", ".join(row.special), str(row.how_long), str(row.why)]
                    for row in activity.models
                ],
                widths=[3, 4, 4, 3, 4],
            )
        )
    return paper(
        title=_("Register of processing"),
        kicker=_("Reg. (EU) 2016/679, art. 30"),
        facts=facts,
        tables=tables,
        foot=_("Written by the portal from its own data model and its rules of retention."),
        at=at,
        wide=True,
    )
