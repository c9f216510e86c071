# SPDX-License-Identifier: EUPL-1.2
"""Writes on supports: taking a person or a household in charge, its members, the school path, the end.

What a support is allowed to hold is said by `selectors.supports`; what was done in it, by `services.interventions`.
Source: domain reference, sections 3, 7 and 8; the programmes' guidance to work and accompaniment to housing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from actions.services.activities import check_can_write, lock_activity
from actions.workflow import check_day_inside
from beneficiaries.enums import SchoolPath, SupportKind, SupportOutcome
from beneficiaries.models import Beneficiary, Enrolment, Intervention, InterventionPerson, Support, SupportMember
from beneficiaries.permissions import check_can_follow, keepers_of
from beneficiaries.selectors.supports import kinds_of, paths_until
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.bulk import insert_rows
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event, record_events


def open_support(
    *,
    activity: Activity,
    kind: str,
    entries: Sequence[NewEnrolment],
    opened_on: date,
    by: Any,
    today: date,
    code: str = "",
    key: UUID | None = None,
) -> Support:
    """Take one person, or several of one household, in charge from a day on.

    Whoever is not enrolled in the activity is enrolled in the same act, with the notice of its entry; `code` is the own
    code of a household. `key` is the submission key of the form: the second half of a double click gets the support of
    the first. Raises `NotPermitted`; `DomainError` at the field for a kind that the activity does not give, a day to
    come or outside, a person of another body, one that is followed already, and as `enrol_many`.
    """
    code = " ".join(code.split())
    with acting(by):
        locked = lock_activity(activity.pk)
        kept = Support.objects.filter(activity=locked, uuid=key).first() if key else None
        if kept is not None:
            return kept
        _check_can_write(by, locked)
        if kind not in kinds_of(locked.activity_type):
            raise DomainError(_("This activity does not give this kind of support: choose another."), field="kind")
        _check_day(opened_on, locked, today, field="opened_on")
        _check_people(locked, kind, entries, code)
        enrolments = _enrolled(locked, entries, opened_on, by)
        _check_free(locked, kind, enrolments, code)
        support = Support(
            activity=activity, kind=kind, code=code, opened_on=opened_on, **({"uuid": key} if key else {})
        )
        support.save(force_insert=True)
        SupportMember.objects.bulk_create(
            [SupportMember(support=support, enrolment=enrolment, since=opened_on) for enrolment in enrolments]
        )
        record_event(by=by, verb="support_opened", target=support, data={"persons": len(enrolments)})
    return support


def open_for_each(
    *, activity: Activity, people: Sequence[tuple[Enrolment, str]], by: Any, today: date
) -> list[Support]:
    """Take persons in charge one by one, all or none: each for a kind of support, from the day of its enrolment.

    Whoever is followed for the same already stays as it is. In a constant number of queries. Raises `NotPermitted`;
    `DomainError` at the field for a kind that the activity does not give and for a day to come.
    """
    with acting(by):
        locked = lock_activity(activity.pk)
        _check_can_write(by, locked)
        given = kinds_of(locked.activity_type)
        going_on = SupportMember.objects.filter(
            enrolment__in=[enrolment.pk for enrolment, _kind in people],
            until__isnull=True,
            support__ended_on__isnull=True,
        )
        followed = set(going_on.order_by("pk").values_list("enrolment", "support__kind"))
        new = [(enrolment, kind) for enrolment, kind in people if (enrolment.pk, kind) not in followed]
        for enrolment, kind in new:
            if kind not in given:
                raise DomainError(_("This activity does not give this kind of support: choose another."), field="kind")
            _check_day(enrolment.enrolled_on, locked, today, field="opened_on")
        rows = [Support(activity=locked, kind=kind, opened_on=enrolment.enrolled_on) for enrolment, kind in new]
        insert_rows(rows)
        insert_rows(
            [
                SupportMember(support=support, enrolment=enrolment, since=support.opened_on)
                for support, (enrolment, _kind) in zip(rows, new, strict=True)
            ]
        )
        record_events(by=by, verb="support_opened", targets=rows)
    return rows


def _check_can_write(by: Any, activity: Activity) -> None:
    check_can_write(by, activity)
    if by is not None:
        check_can_follow(by, activity)
    if not activity.has_supports:
        raise DomainError(_("Nobody is followed one by one in this activity."))


def _check_day(day: date, activity: Activity, today: date, *, field: str) -> None:
    if day > today:
        raise DomainError(_("This day is still to come."), field=field)
    check_day_inside(day, activity.starts_on, activity.ends_on, field=field)


def _check_people(activity: Activity, kind: str, entries: Sequence[NewEnrolment], code: str) -> None:
    people = [entry.beneficiary for entry in entries]
    if not people:
        raise DomainError(_("Write who is taken in charge."), field="codes")
    if len({one.pk for one in people}) < len(people):
        raise DomainError(_("The same person is written twice."), field="codes")
    foreign = [one.pseudonym for one in people if one.registered_by_id not in keepers_of(activity)]
    if foreign:
        raise DomainError(
            _("%(record)s is a recipient of another body: register the person for yours first.")
            % {"record": ", ".join(foreign[:3])},
            field="codes",
        )
    if kind == SupportKind.SCHOOL_PATH and len(people) > 1:
        raise DomainError(_("The guidance on the school path is of one pupil: open one for each."), field="codes")
    if len(people) > 1 and not code:
        raise DomainError(_("Give the household a code of yours, as “N-12”. Never a surname."), field="code")
    if len(people) == 1 and code:
        raise DomainError(_("A household has several persons: leave its code empty for one."), field="code")


def _enrolled(activity: Activity, entries: Sequence[NewEnrolment], day: date, by: Any) -> list[Enrolment]:
    """Return the enrolments of some people, made now where there are none."""
    found = {
        one.beneficiary_id: one
        for one in Enrolment.objects.filter(activity=activity, beneficiary__in=[one.beneficiary.pk for one in entries])
    }
    _check_can_work_on(found)
    missing = [entry for entry in entries if entry.beneficiary.pk not in found]
    if missing:
        made = enrol_many(activity=activity, entries=missing, by=by)
        found |= {one.beneficiary_id: one for one in made}
    for one in found.values():
        if one.enrolled_on > day or (one.withdrawn_on is not None and one.withdrawn_on < day):
            raise DomainError(
                _("The enrolment does not hold on %(day)s: check the day, or the enrolment of the person.")
                % {"day": f"{day:%d/%m/%Y}"},
                field="opened_on",
            )
    return [found[entry.beneficiary.pk] for entry in entries]


def _check_can_work_on(people: Iterable[int]) -> None:
    """Wait for an erasure of the same persons, and refuse who is restricted or anonymous."""
    for person in (
        Beneficiary.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(people)).order_by("pk")
    ):
        check_can_work_on(person, field="codes")


def _check_free(activity: Activity, kind: str, enrolments: Sequence[Enrolment], code: str) -> None:
    goes_on = Support.objects.filter(activity=activity, ended_on__isnull=True)
    if goes_on.filter(kind=kind, members__enrolment__in=enrolments, members__until__isnull=True).exists():
        raise DomainError(_("This person is followed already: open the support that goes on."), field="codes")
    if code and goes_on.filter(code__iexact=code).exists():
        raise DomainError(_("Another household that you follow has this code."), field="code")


def lock_support(support: Support, by: Any, *, open_activity: bool = True) -> tuple[Activity, Support]:
    """Take the locks of the activity and of a support, in this order; raise when the person may not write in it."""
    activity = lock_activity(support.activity_id)
    if by is not None:
        check_can_follow(by, activity)
    if open_activity:
        _check_can_write(by, activity)
    return activity, Support.objects.select_for_update(of=("self",)).get(pk=support.pk)


def add_member(*, support: Support, enrolment: Enrolment, since: date, by: Any, today: date) -> SupportMember:
    """Let somebody enrolled in the activity join the household, from a day on; once.

    Whoever left it comes back: the day of the leaving goes. Raises `DomainError` at the field for a support of one
    person, a day to come, outside or before the support, somebody of another body or activity.
    """
    with acting(by):
        activity, locked = lock_support(support, by)
        check_goes_on(locked)
        if not locked.code:
            raise DomainError(_("This support is of one person: a household has a code."), field="enrolment")
        own = enrolment.activity_id == activity.pk and enrolment.beneficiary.registered_by_id in keepers_of(activity)
        if not own:
            raise DomainError(_("Choose somebody of your body, enrolled in this activity."), field="enrolment")
        _check_can_work_on([enrolment.beneficiary_id])
        _check_day(since, activity, today, field="since")
        if since < max(locked.opened_on, enrolment.enrolled_on):
            raise DomainError(
                _("The day comes before the support, or before the enrolment of the person."), field="since"
            )
        member = SupportMember.objects.filter(support=locked, enrolment=enrolment).first()
        if member is not None and member.until is None:
            return member
        if member is not None:
            SupportMember.objects.filter(pk=member.pk).update(until=None)
            member.until = None
        else:
            member = SupportMember(support=locked, enrolment=enrolment, since=since)
            member.save(force_insert=True)
        record_event(by=by, verb="support_joined", target=locked)
    return member


def end_membership(*, member: SupportMember, until: date, by: Any, today: date) -> None:
    """Record that somebody left the household; the support goes on for the others.

    Raises `DomainError` at the field for a day to come, before the person joined or before an intervention for it, and
    for the last one: then the support ends.
    """
    with acting(by):
        _activity, locked = lock_support(member.support, by)
        check_goes_on(locked)
        if until > today:
            raise DomainError(_("This day is still to come."), field="until")
        if until < member.since:
            raise DomainError(_("The person leaves before it joined: check the day."), field="until")
        if not SupportMember.objects.filter(support=locked, until__isnull=True).exclude(pk=member.pk).exists():
            raise DomainError(_("Nobody would be left in the household: end the support instead."), field="until")
        last = last_served(member)
        if last is not None and last > until:
            raise DomainError(
                _("There is an intervention for this person on %(day)s: it leaves on that day or after.")
                % {"day": f"{last:%d/%m/%Y}"},
                field="until",
            )
        SupportMember.objects.filter(pk=member.pk).update(until=until)
        record_event(by=by, verb="support_left", target=locked)


def last_served(member: SupportMember) -> date | None:
    """Return the day of the last intervention of the support for this person."""
    found = InterventionPerson.objects.filter(
        enrolment=member.enrolment_id, intervention__support=member.support_id
    ).order_by("-intervention__held_on")
    return found.values_list("intervention__held_on", flat=True).first()


def check_goes_on(support: Support) -> None:
    """Raise `DomainError` for a support that has ended."""
    if support.ended_on is not None:
        raise DomainError(
            _("This support ended on %(day)s: nothing can be added. Open it again if it goes on.")
            % {"day": f"{support.ended_on:%d/%m/%Y}"}
        )


def _check_version(support: Support, version: int) -> None:
    if support.version != version:
        raise StaleError


def end_support(
    *, support: Support, version: int, ended_on: date, outcome: str, by: Any, today: date, note: str = ""
) -> None:
    """End a support on a day, with how it ended; also when the activity is concluded.

    `note` is at most 300 characters and names nobody. Raises `StaleError`; `DomainError` at the field for a day to
    come, before the start or before the last intervention, and for an outcome that is none.
    """
    if outcome not in SupportOutcome.values:
        raise DomainError(_("Choose how the support ended."), field="outcome")
    with acting(by):
        _activity, locked = lock_support(support, by, open_activity=False)
        if locked.ended_on == ended_on and locked.outcome == outcome:
            return
        check_goes_on(locked)
        _check_version(locked, version)
        if ended_on > today:
            raise DomainError(_("This day is still to come."), field="ended_on")
        last = Intervention.objects.filter(support=locked).order_by("-held_on").values_list("held_on", flat=True)
        first_day = max([locked.opened_on, *last[:1]])
        if ended_on < first_day:
            raise DomainError(
                _("The support was still at work on %(day)s: it ends on that day or after.")
                % {"day": f"{first_day:%d/%m/%Y}"},
                field="ended_on",
            )
        Support.objects.filter(pk=locked.pk).update(
            ended_on=ended_on, outcome=outcome, end_note=" ".join(note.split()), version=F("version") + 1
        )
        record_event(by=by, verb="support_ended", target=locked)
    support.refresh_from_db()


def reopen_support(*, support: Support, by: Any) -> None:
    """Let a support that had ended go on. Does nothing when it goes on. Raises as `open_support` for who is followed."""
    with acting(by):
        activity, locked = lock_support(support, by)
        if locked.ended_on is None:
            return
        members = Enrolment.objects.filter(support_members__support=locked, support_members__until__isnull=True)
        _check_free(activity, locked.kind, list(members), locked.code)
        Support.objects.filter(pk=locked.pk).update(ended_on=None, outcome="", end_note="", version=F("version") + 1)
        record_event(by=by, verb="support_reopened", target=locked)
    support.refresh_from_db()


def record_path(*, support: Support, version: int, advised: str, chosen: str, by: Any, today: date) -> None:
    """Record the path that was advised, or chosen; what is left empty stays as it was.

    No page shows it of one pupil. Once the school year in which the guidance began is over its figures are published,
    and stay. Raises `StaleError`; `DomainError` for another kind of support, a path that is none, a year that is over.
    """
    with acting(by):
        _activity, locked = lock_support(support, by, open_activity=False)
        _check_version(locked, version)
        if locked.kind != SupportKind.SCHOOL_PATH:
            raise DomainError(_("Only the guidance on the school path has a path advised and a path chosen."))
        given = {"path_advised": advised, "path_chosen": chosen}
        for field, value in given.items():
            if value not in ("", *SchoolPath.values):
                raise DomainError(_("Choose one of the paths."), field=field)
        changes = {field: value for field, value in given.items() if value}
        if not changes:
            raise DomainError(_("Choose the path advised, the path chosen, or both."), field="path_advised")
        if today > paths_until(locked.opened_on):
            raise DomainError(_("This school year is over and its figures are published: they stay as they are."))
        Support.objects.filter(pk=locked.pk).update(**changes, version=F("version") + 1)
        record_event(by=by, verb="path_recorded", target=locked)
    support.refresh_from_db()
