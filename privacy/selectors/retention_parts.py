# SPDX-License-Identifier: EUPL-1.2
"""The kinds of record that the retention knows, and which of them a rule lets go. Only ids, bodies and dates are read.

Whoever adds personal data to the portal adds a part here, or from an app above by `register_part`; a test compares the
models with what the parts cover (ADR 18).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields import BigIntegerField, CharField
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from beneficiaries.models import Beneficiary, Enrolment, Identity
from beneficiaries.selectors.signed_pages import activities_with_pages
from fami_portal.core.enums import MailState
from fami_portal.core.models import Message
from mediation.models import Consultation, LegalQuestion, MediationRequest, Translation
from mediation.selectors.purging import (
    cases_over,
    links_expired,
    old_drafts,
    requests_with_files,
    translations_with_files,
)
from partners.models import Invitation
from privacy.enums.retention import Anchor, DataClass
from privacy.models import RetentionPlan, RightsRequest
from privacy.selectors.retention_holds import Held
from privacy.selectors.retention_rules import Rule, fixed_day, last_let_go

# Given the programme (None for the portal), the last day that may go (None: all), and the anchor.
Units = Callable[[Programme | None, date | None, Anchor], "QuerySet[Any]"]


@dataclass(frozen=True)
class Part:
    """One kind of record of a class: what it is called, which ones may go, where its body and its person stand."""

    code: str
    data_class: DataClass
    label: Promise
    units: Units
    body: str = ""
    # Path to the recipient; empty where the record leads to none.
    person: str = ""
    # Dated by the clock of the world, not by that of the work.
    real_clock: bool = False


def _end(day: date | None) -> datetime | None:
    """Return the first moment after a day, in Italy."""
    return None if day is None else timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _people(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Beneficiary]:
    found = Beneficiary.objects.filter(programme=programme)
    if anchor != Anchor.LAST_SUPPORT or until is None:
        return found
    last = (
        Enrolment.objects.filter(beneficiary=OuterRef("pk"))
        .order_by()
        .values("beneficiary")
        .annotate(last=Max("activity__ends_on"))
        .values("last")
    )
    return found.annotate(
        support_ended=Coalesce(Subquery(last), TruncDate("created_at"), output_field=DateField())
    ).filter(support_ended__lte=until)


def _named(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    written = Identity.objects.filter(destroyed_at__isnull=True).values("beneficiary")
    return _people(programme, until, anchor).filter(pk__in=written)


def _recognisable(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return _people(programme, until, anchor).filter(anonymised_at__isnull=True)


def without_names(people: QuerySet[Beneficiary]) -> QuerySet[Beneficiary]:
    """Return the recipients of whom no record has a name any more."""
    written = Identity.objects.filter(destroyed_at__isnull=True).values("beneficiary")
    return people.exclude(Q(pk__in=written) | Q(merged_into__in=written) | Q(merged_from__in=written))


def _cases(model: type[Any], programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    before = _end(until) if anchor == Anchor.CASE_ENDED else None
    return cases_over(model, programme_id=programme.pk if programme else 0, before=before)


def _drafts(model: type[Any], programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return old_drafts(model, programme_id=programme.pk if programme else 0, before=_end(until))


def _request_files(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return requests_with_files(programme_id=programme.pk if programme else 0)


def _register_pages(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return activities_with_pages(programme.pk if programme else 0)


def _translation_files(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return translations_with_files(programme_id=programme.pk if programme else 0)


def _links(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    return links_expired(programme_id=programme.pk if programme else 0, before=_end(until))


def _answered(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    found = RightsRequest.objects.filter(programme=programme, destroyed_at__isnull=True, answered_at__isnull=False)
    ended = Coalesce("closed_at", "answered_at", output_field=DateTimeField())
    return found.annotate(ended_at=ended).filter(ended_at__lt=_end(until))


def _invitations(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    over = Q(accepted_at__isnull=False) | Q(revoked_at__isnull=False) | Q(expires_at__lt=Now())
    return Invitation.objects.exclude(email="").filter(over, created_at__lt=_end(until))


def _messages(programme: Programme | None, until: date | None, anchor: Anchor) -> QuerySet[Any]:
    waiting = (MailState.PENDING, MailState.SENDING)
    return Message.objects.filter(created_at__lt=_end(until)).exclude(mail_state__in=waiting)


_C = DataClass
_parts: dict[str, Part] = {
    part.code: part
    for part in (
        Part("identity", _C.IDENTITIES, _("recipients with a name"), _named, "registered_by", "pk"),
        Part("recipient", _C.RECIPIENTS, _("recipients"), _recognisable, "registered_by", "pk"),
        Part("register_pages", _C.IDENTITY_FILES, _("registers with signed pages"), _register_pages, "organisation"),
        Part("request_files", _C.IDENTITY_FILES, _("requests with files"), _request_files, "organisation"),
        Part("translation_files", _C.IDENTITY_FILES, _("translations with files"), _translation_files, "organisation"),
        *(
            Part(f"{name}_texts", _C.CASE_TEXTS, label, partial(_cases, model), "organisation")
            for name, model, label in (
                ("request", MediationRequest, _("requests of mediation")),
                ("consultation", Consultation, _("ethnoclinical consultations")),
                ("question", LegalQuestion, _("legal questions")),
                ("translation", Translation, _("translations")),
            )
        ),
        *(
            Part(f"{name}_drafts", _C.DRAFTS, label, partial(_drafts, model), "organisation")
            for name, model, label in (
                ("request", MediationRequest, _("drafts of requests")),
                ("consultation", Consultation, _("drafts of referrals")),
                ("question", LegalQuestion, _("drafts of questions")),
                ("translation", Translation, _("drafts of translations")),
            )
        ),
        Part("applicants", _C.APPLICANTS, _("requests of persons"), _answered),
        Part("links", _C.ACCESS_LINKS, _("links without account"), _links, "organisation", real_clock=True),
        Part("invitations", _C.INVITATIONS, _("invitations"), _invitations, "organisation", real_clock=True),
        Part("messages", _C.NOTIFICATIONS, _("messages"), _messages, real_clock=True),
    )
}


def register_part(part: Part) -> None:
    """Let a room, or an app above, add a kind of record; its destroyer is registered with the service of the runs."""
    _parts[part.code] = part


def parts_of(data_class: DataClass | str) -> list[Part]:
    """Return the kinds of record of a class."""
    return [part for part in _parts.values() if part.data_class == data_class]


def part_label(code: str) -> Any:
    """Return what the records of a part are called."""
    return _parts[code].label if code in _parts else code


@dataclass(frozen=True)
class Counted:
    """How many records of a part of one body a rule lets go, and how many of them something holds."""

    part: Part
    body: int | None
    body_name: str
    due: int
    held: int

    @property
    def free(self) -> int:
        return self.due - self.held


def let_go(
    part: Part, *, programme: Programme | None, rule: Rule, plan: RetentionPlan | None, day: date
) -> QuerySet[Any] | None:
    """Return the records of a part that the rule lets go by a day, held ones included; None when none may go yet.

    `day` is one of the clock of the work; records dated by the clock of the world are compared with that.
    """
    if part.real_clock:
        day += settings.CLOCK_SHIFT
    if rule.anchor in (Anchor.CONTROL_END, Anchor.PROGRAMME_CLOSED):
        fixed = fixed_day(rule, plan)
        return part.units(programme, None, rule.anchor) if fixed is not None and fixed <= day else None
    return part.units(programme, last_let_go(day, rule.months), rule.anchor)


def count(found: Iterable[tuple[Part, "QuerySet[Any]"]], held: Held) -> list[Counted]:
    """Return how many records there are of each part and body, and how many are held. One query for all parts."""
    known = {}
    rows = []
    for part, units in found:
        known[part.code] = part
        body = F(f"{part.body}_id") if part.body else Value(None, output_field=BigIntegerField(null=True))
        name = F(f"{part.body}__name") if part.body else Value("", output_field=CharField())
        rows.append(
            units.order_by()
            .values(body_id=body, body_name=name)
            .annotate(
                part=Value(part.code, output_field=CharField()),
                due=Count("pk"),
                held=Count("pk", filter=held.of(part.body, part.person)),
            )
            .values_list("part", "body_id", "body_name", "due", "held")
        )
    if not rows:
        return []
    union = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    # Records without a body give a row even when there is none of them.
    return [
        Counted(known[code], body, name, due, kept) for code, body, name, due, kept in sorted(union, key=_place) if due
    ]


def _place(row: tuple[Any, ...]) -> tuple[str, str, int]:
    return row[0], row[2] or "", row[1] or 0


def free(part: Part, units: "QuerySet[Any]", held: Held) -> "QuerySet[Any]":
    """Return those that nothing holds."""
    return units.exclude(held.of(part.body, part.person))
