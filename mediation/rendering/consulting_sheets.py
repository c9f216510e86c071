# SPDX-License-Identifier: EUPL-1.2
"""The sheets of the kinds beside A.1 and A.3: the consultation (A.5), the translation, the presence of a mediator."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from mediation.enums import ConsultationSessionKind
from mediation.models import CommunityPresence, Consultation, ConsultationSession, Translation
from mediation.rendering.annexes import block, compiled, frame, in_words
from mediation.selectors import consulting_facts as facts
from mediation.selectors.hours import in_hours


def consultation_sheet(found: Consultation, held: Sequence[ConsultationSession]) -> bytes:
    """Return A.5 as filled, with its sessions and the restitution: for those who read the case, nobody else."""
    with translation.override(settings.LANGUAGE_CODE):
        data = frame(
            found.programme,
            title=_("Annex A.5 – Request of ethnoclinical consultation"),
            number=found.number,
            body=found.organisation.name,
        )
        data["blocks"] = [
            block(_("Request"), [*facts.of_consultation(found, held), (_("State"), found.get_state_display())]),
            block(_("The case"), facts.of_case(found)),
        ]
        if found.triage_note:
            data["blocks"].append(block(_("Answer"), [(_("Note of the clinician"), found.triage_note)]))
        given = [row.text for row in held if row.kind == ConsultationSessionKind.RESTITUTION]
        if given:
            data["blocks"].append(block(_("Restitution"), [(_("What is given back to the service"), given[0])]))
        data["sessions"] = {
            "title": _("Sessions"),
            "columns": [_("Day"), _("Kind"), _("Time held"), _("Professionals"), _("Mediator")],
            "rows": [
                [
                    f"{row.held_on:%d/%m/%Y}",
                    str(row.get_kind_display()),
                    in_hours(row.minutes),
                    str(row.professionals),
                    _("yes") if row.with_mediator else _("no"),
                ]
                for row in held
            ],
        }
    return compiled(data, found.state_since or found.created_at)


def translation_sheet(found: Translation, *, with_note: bool) -> bytes:
    """Return the report of a translation: what was asked, when it was returned, how long it took."""
    with translation.override(settings.LANGUAGE_CODE):
        data = frame(
            found.programme,
            title=_("Report of the written translation"),
            number=found.number,
            body=found.organisation.name,
        )
        rows = [
            *facts.of_translation(found),
            (_("Accepted on"), in_words(found.accepted_at)),
            (_("State"), found.get_state_display()),
        ]
        if with_note:
            rows.append((_("Note for the translator"), found.note))
        data["blocks"] = [block(_("Written translation"), rows)]
    return compiled(data, found.state_since or found.created_at)


def presence_sheet(found: CommunityPresence) -> bytes:
    """Return the report of a presence: where and when, how many people, about what."""
    with translation.override(settings.LANGUAGE_CODE):
        data = frame(
            found.programme,
            title=_("Report of the community mediation"),
            number=facts.when(found),
            body=found.network.name,
        )
        rows = [
            *facts.of_presence(found),
            (_("Recorded on"), in_words(found.recorded_at)),
            (_("Validated on"), in_words(found.validated_at)),
            (_("State"), found.get_state_display()),
        ]
        data["blocks"] = [block(_("Presence of community mediation"), rows)]
    return compiled(data, found.validated_at or found.recorded_at or found.planned_from)
