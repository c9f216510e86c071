# SPDX-License-Identifier: EUPL-1.2
"""What consultations, translations and presences say, in words: their pages and their sheets."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mediation.models import CommunityPresence, Consultation, ConsultationSession, Translation
from mediation.selectors.hours import in_hours

Facts = list[tuple[Any, Any]]


def of_consultation(found: Consultation, held: Sequence[ConsultationSession]) -> Facts:
    """Return what all who know of a consultation read: who, when, how many hours."""
    rows: Facts = [
        (_("School or service"), found.organisation.name),
        (_("Network"), found.network.name),
        (_("Urgency"), found.get_urgency_display()),
        (_("Referred on"), found.submitted_at),
        (_("Clinician"), found.consultant.get_full_name() if found.consultant else _("to be assigned")),
    ]
    if found.accepted_at:
        rows += [
            (_("Accepted on"), found.accepted_at),
            (_("Hours planned"), in_hours(found.minutes_planned)),
            (_("Hours held"), in_hours(sum(row.minutes for row in held))),
        ]
    if found.closed_at:
        rows += [(_("Closed on"), found.closed_at), (_("Outcome"), found.get_outcome_display())]
    return rows


def of_case(found: Consultation) -> Facts:
    """Return what only the service that refers and the clinician read."""
    return [
        (_("Operator who refers"), found.contact_name),
        (_("E-mail"), found.contact_email),
        (_("Code of the case"), found.case_code),
        (_("Age"), found.get_age_range_display()),
        (_("Language"), found.language.name if found.language else ""),
        (_("Geographic area of origin"), found.get_area_display()),
        (_("Question"), found.question),
        (_("Services already involved"), found.services_involved),
        (_("Informed consent given"), found.consent_on if found.consent_given else _("no")),
        (_("Reason of the urgency"), found.urgency_reason),
        (_("Days and times possible"), found.availability),
    ]


def of_translation(found: Translation) -> Facts:
    """Return what all who see a translation read; the files and the note are for fewer."""
    return [
        (_("What the file is"), found.title),
        (_("School or service"), found.organisation.name),
        (_("Network"), found.network.name),
        (_("Languages"), f"{found.source_language.name} → {found.target_language.name}"),
        (_("Pages"), found.pages),
        (_("Needed by"), found.due_on),
        (_("Submitted on"), found.submitted_at),
        (_("Time estimated"), in_hours(found.minutes_asked) if found.minutes_asked else None),
        (_("Translator"), found.mediator.name if found.mediator else _("to be assigned")),
        (_("Returned on"), found.returned_at),
        (_("Time worked"), in_hours(found.minutes) if found.minutes else None),
        (_("Validated on"), found.validated_at),
    ]


def when(presence: CommunityPresence) -> str:
    """Return when a presence is planned, which is also how it is called."""
    begin, end = timezone.localtime(presence.planned_from), timezone.localtime(presence.planned_until)
    return f"{begin:%d/%m/%Y}, {begin:%H:%M}–{end:%H:%M}"


def of_presence(found: CommunityPresence) -> Facts:
    """Return what a presence was planned to be and, once recorded, what it was."""
    rows: Facts = [
        (_("Planned for"), when(found)),
        (_("Place"), found.place),
        (_("Network"), found.network.name),
        (_("Mediator"), found.mediator.name),
    ]
    if found.actual_from:
        rows += [
            (_("Began"), found.actual_from),
            (_("Ended"), found.actual_until),
            (_("Time held"), in_hours(found.minutes or 0)),
            (_("People met"), found.contacts),
            (_("Topics"), found.topics),
        ]
    return rows
