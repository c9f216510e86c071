# SPDX-License-Identifier: EUPL-1.2
"""Handing out an official sheet with the names of the body that registered them: opened, recorded, kept nowhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import Sheet
from actions.models import Programme
from beneficiaries.enums import ReadKind
from beneficiaries.permissions import check_can_hand_out
from beneficiaries.rendering.official_sheets import SheetRow, sheet_csv, sheet_xlsx
from beneficiaries.selectors.official_sheets import official_sheet
from beneficiaries.services.identities import open_identities
from beneficiaries.services.reading import record_reading
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from partners.models import Organisation

# What the record of readings calls the file.
PAGE = "beneficiaries:sheet-export"


def hand_out_sheet(
    *, programme: Programme, body: Organisation, sheet: Sheet, part: int, fmt: str, by: Any, at: datetime
) -> Iterable[bytes]:
    """Return one file of an official sheet of a body, as `xlsx` or `csv`; `part` counts from 1.

    Every name in it is opened through the vault, and the reading of all persons of the file is recorded before the
    first byte. Raises `NotPermitted` for another body, `DomainError` for a file that is empty, `VaultError` when a
    name does not open: then nothing is handed out.
    """
    check_can_hand_out(by, body)
    with acting(by):
        whole = official_sheet(programme=programme, body=body, sheet=sheet, today=timezone.localdate(at))
        people = whole.part(part)
        if not people:
            raise DomainError(_("There is nobody in this sheet yet."))
        purpose = _("Official sheet of the programme %(programme)s") % {"programme": programme.title}
        opened = open_identities(
            beneficiaries=[person.beneficiary for person in people],
            by=by,
            purpose=purpose[:300],
            page=PAGE,
            at=at,
            kind=ReadKind.EXPORT,
        )
        names = {pk: one for pk, one in opened.items() if one.identity.organisation_id == body.pk}
        # Without a name there is still the birth date.
        nameless = [person.beneficiary for person in people if person.beneficiary.pk not in opened]
        record_reading(
            by=by,
            organisation=body,
            kind=ReadKind.EXPORT,
            page=PAGE,
            subjects=nameless,
            purpose=purpose[:300],
            at=at,
        )
        record_event(
            by=by,
            verb="sheet_handed_out",
            target=programme,
            on_behalf_of=body,
            data={"sheet": sheet, "part": part, "rows": len(people)},
            at=at,
        )
    rows = [
        SheetRow(person, one.given_name, one.family_name, one.tax_code) if one else SheetRow(person)
        for person in people
        for one in [names.get(person.beneficiary.pk)]
    ]
    return sheet_csv(sheet, rows) if fmt == "csv" else [sheet_xlsx(sheet, rows)]
