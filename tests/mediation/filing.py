# SPDX-License-Identifier: EUPL-1.2
"""What a school types in the page of a link."""

from datetime import date, timedelta
from typing import Any

from fami_portal.core import clock
from tests.factories.partners import LanguageFactory


def filing_data(*, day: date | None = None, **changes: Any) -> dict[str, Any]:
    """Return a complete A.1 as the page of a link posts it: one hour, from 10 to 11, in eight days unless told."""
    return {
        "contact_name": "Maria Prova",
        "contact_role": "Segreteria",
        "contact_email": "segreteria@scuola-uno.example",
        "field_contact_name": "Anna Prova",
        "field_contact_email": "docente@scuola-uno.example",
        "language_0": LanguageFactory().pk,
        "interventions": ["family_talk"],
        "reason": "Colloquio di metà anno con la famiglia.",
        "urgency": "ordinary",
        "session_minutes": "60",
        "sessions_asked": "1",
        "mode": "in_person",
        "place": "Sede centrale",
        "operator_present": "on",
        "slot_0_day": f"{day or clock.today() + timedelta(days=12):%d/%m/%Y}",
        "slot_0_starts_at": "10:00",
        "slot_0_ends_at": "11:00",
        "family_informed_on": f"{clock.today() - timedelta(days=3):%d/%m/%Y}",
        "notice_version": "2018/1",
        "school_class": "2B",
    } | changes
