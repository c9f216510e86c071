# SPDX-License-Identifier: EUPL-1.2
"""The extension of a programme: one act that moves its end and adds the periods that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme, ProgrammeExtension
from actions.permissions import reaches_programme
from actions.services.periods import add_months, generate_periods
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.services import acting, record_event

# No extension of a programme of the fund is as long: a year beyond it is a slip of the pen, and each brings its periods.
LONGEST_MONTHS = 60


def extend_programme(
    *,
    programme: Programme,
    extended_to: date,
    deed_number: str,
    deed_on: date,
    reason: str,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> ProgrammeExtension:
    """Move the end of a programme and add its further reporting periods; the periods that are there stay as they are.

    `key` is the submission key: the second half of a double click gets the act of the first. Raises `NotPermitted`,
    `DomainError` at the field, as for an end that is not after the present one, or far beyond it.
    """
    if by is not None and not reaches_programme(by, Permission.MANAGE_PROGRAMME, programme.pk):
        raise NotPermitted(_("Only the Region extends its programme."))
    deed_number, reason = " ".join(deed_number.split()), " ".join(reason.split())
    for field, text in (("deed_number", deed_number), ("reason", reason)):
        if not text:
            raise DomainError(_("Write it: whoever checks the programme reads it."), field=field)
    with acting(by):
        locked = Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
        kept = locked.extensions.filter(key=key).first() if key else None
        if kept is not None:
            return kept
        if extended_to <= locked.last_day:
            raise DomainError(
                _("The programme ends on %(day)s already: the new end must come after it.")
                % {"day": f"{locked.last_day:%d/%m/%Y}"},
                field="extended_to",
            )
        if extended_to > (latest := add_months(locked.last_day, LONGEST_MONTHS)):
            raise DomainError(
                _("An extension goes until %(day)s at most: check the year.") % {"day": f"{latest:%d/%m/%Y}"},
                field="extended_to",
            )
        if deed_on > at.date():
            raise DomainError(_("The date of the deed is in the future."), field="deed_on")
        extension = ProgrammeExtension.objects.create(
            programme=locked,
            extended_from=locked.last_day,
            extended_to=extended_to,
            deed_number=deed_number,
            deed_on=deed_on,
            reason=reason,
            author=by,
            recorded_at=at,
            **({"key": key} if key else {}),
        )
        locked.extended_to = extended_to
        locked.save(update_fields=["extended_to"])
        added = generate_periods(programme=locked, by=by)
        record_event(
            by=by,
            verb="programme_extended",
            target=locked,
            reason=reason,
            data={"until": extended_to.isoformat(), "periods": [period.code for period in added]},
            at=at,
        )
    programme.refresh_from_db()
    return extension
