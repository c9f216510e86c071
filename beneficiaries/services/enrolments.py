# SPDX-License-Identifier: EUPL-1.2
"""Writes on enrolments: after the family notice, within the activity, once (domain reference, sections 7 and 13)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Notice, TargetGroup
from actions.selectors.notices import Version, in_force, versions_for
from actions.services.activities import check_can_write, lock_activity
from actions.workflow import check_day_inside
from beneficiaries.enums import AttendanceState, LanguageLevel, LevelTest, NoticeReceiver, WithdrawalReason
from beneficiaries.models import Attendance, Beneficiary, Enrolment, InterventionPerson, SupportMember
from beneficiaries.permissions import check_can_enrol
from beneficiaries.selectors import role_in
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from partners.models import Language

# Asked of every row of an import: an enumeration makes its list anew each time.
_RECEIVERS = frozenset(NoticeReceiver.values)


@dataclass(frozen=True)
class NewEnrolment:
    """What is needed to enrol a recipient: the notice comes first."""

    beneficiary: Beneficiary
    enrolled_on: date
    # The code of a version that was in force on the day on which it was given.
    notice_version: str
    notice_given_on: date | None
    entry_level: str = ""
    # Registered in this same act: nobody can have changed it meanwhile.
    fresh: bool = False
    notice_given_to: str = NoticeReceiver.FAMILY
    notice_language: Language | None = None


def enrol(
    *,
    activity: Activity,
    beneficiary: Beneficiary,
    enrolled_on: date,
    notice_version: str,
    notice_given_on: date | None,
    by: Any,
    entry_level: str = "",
    fresh: bool = False,
    notice_given_to: str = NoticeReceiver.FAMILY,
    notice_language: Language | None = None,
) -> Enrolment:
    """Enrol one recipient in an activity. Raises as `enrol_many`."""
    new = NewEnrolment(
        beneficiary, enrolled_on, notice_version, notice_given_on, entry_level, fresh, notice_given_to, notice_language
    )
    return enrol_many(activity=activity, entries=[new], by=by)[0]


def enrol_many(*, activity: Activity, entries: Sequence[NewEnrolment], by: Any) -> list[Enrolment]:
    """Enrol recipients in an activity, all or none, in a constant number of queries.

    Somebody of another group takes part as what the activity is for, where the definition lets it be both (`role_in`).
    Whoever does not meet the conditions of its group is enrolled all the same, and does not count (the pages say why).
    Enrolling again with the same data changes nothing. Raises `NotPermitted`; `DomainError` at the field for a missing
    notice, a day outside the activity, a recipient of another programme or enrolled already.
    """
    try:
        with acting(by):
            locked = lock_activity(activity.pk)
            check_can_write(by, locked)
            if by is not None:
                check_can_enrol(by, locked)
            if not locked.enrols:
                raise DomainError(_("This activity has no register of recipients."))
            versions = versions_for(locked)
            notices = []
            for entry in entries:
                check_entry(locked, entry)
                notices.append(notice_given(locked, versions, entry))
            # Waits for an erasure of the same person: it reads the enrolments, and this reads what it did.
            people = Beneficiary.objects.select_for_update(of=("self",), no_key=True).select_related("target_group")
            known = [entry.beneficiary.pk for entry in entries if not entry.fresh]
            groups = {entry.beneficiary.pk: entry.beneficiary.target_group for entry in entries if entry.fresh}
            for person in people.filter(pk__in=known).order_by("pk"):
                check_can_work_on(person, field="code")
                groups[person.pk] = person.target_group
            roles = {group.pk: role_in(group, locked) for group in {one.pk: one for one in groups.values()}.values()}
            kept = {
                enrolment.beneficiary_id: enrolment
                for enrolment in Enrolment.objects.filter(activity=locked, beneficiary__in=known).order_by("pk")
            }
            new = []
            for entry, notice in zip(entries, notices, strict=True):
                enrolment = kept.get(entry.beneficiary.pk)
                if enrolment is None:
                    new.append(_row(activity, entry, notice, roles[groups[entry.beneficiary.pk].pk]))
                    kept[entry.beneficiary.pk] = new[-1]
                else:
                    _check_same(enrolment, entry)
            Enrolment.objects.bulk_create(new)
            if new:
                record_event(
                    by=by, verb="enrolled", target=locked, data={"enrolments": [enrolment.pk for enrolment in new]}
                )
    except IntegrityError:
        raise _enrolled_already() from None
    return [kept[entry.beneficiary.pk] for entry in entries]


def check_entry(activity: Activity, entry: NewEnrolment) -> None:
    """Raise `DomainError` for a recipient of another programme and for a day that cannot be."""
    if entry.beneficiary.programme_id != activity.programme_id:
        raise DomainError(_("This recipient belongs to another programme: register it in this one."), field="code")
    check_day_inside(entry.enrolled_on, activity.starts_on, activity.ends_on, field="enrolled_on")
    if entry.beneficiary.birth_date > entry.enrolled_on:
        raise DomainError(
            _("The support would begin before the birth: check the birth date and the day of the enrolment."),
            field="enrolled_on",
        )


def notice_given(activity: Activity, versions: Sequence[Version], entry: NewEnrolment) -> Notice | None:
    """Return the version of the notice that an entry names; None where none is asked and none was given.

    Raises `DomainError` at the field: no notice where one is required, one that was not in force on that day, one given
    after the enrolment.
    """
    code, day = entry.notice_version.strip(), entry.notice_given_on
    if not code and not day and not activity.programme.notice_required:
        return None
    if day is None:
        raise DomainError(_("Write on which day the privacy notice was given."), field="notice_given_on")
    if day > entry.enrolled_on:
        raise DomainError(
            _("The privacy notice must be given before the enrolment: check the two days."), field="notice_given_on"
        )
    holding = in_force(versions, day)
    if not holding:
        raise DomainError(
            _(
                "No privacy notice was in force on %(day)s: nobody can be enrolled with one of that day. Ask the "
                "coordinator of the programme to publish it, or correct the day."
            )
            % {"day": f"{day:%d/%m/%Y}"},
            field="notice_version",
        )
    found = next((notice for notice in holding if notice.code == code), None)
    if found is None:
        raise DomainError(
            _("On %(day)s the version in force was %(codes)s: choose it, or correct the day on which it was given.")
            % {"day": f"{day:%d/%m/%Y}", "codes": ", ".join(f"“{notice.code}”" for notice in holding)},
            field="notice_version",
        )
    if entry.notice_given_to not in _RECEIVERS:
        raise DomainError(_("Choose to whom the notice was given."), field="notice_given_to")
    return found


def _row(activity: Activity, entry: NewEnrolment, notice: Notice | None, role: TargetGroup | None) -> Enrolment:
    return Enrolment(
        activity=activity,
        beneficiary=entry.beneficiary,
        target_group=role,
        enrolled_on=entry.enrolled_on,
        notice=notice,
        notice_version=notice.code if notice else "",
        notice_given_on=entry.notice_given_on if notice else None,
        notice_given_to=entry.notice_given_to if notice else "",
        notice_language=entry.notice_language if notice else None,
        entry_level=entry.entry_level,
    )


def _check_same(kept: Enrolment, entry: NewEnrolment) -> None:
    if kept.withdrawn_on is not None:
        raise DomainError(
            _("This recipient was enrolled and withdrew on %(day)s: cancel the withdrawal instead.")
            % {"day": f"{kept.withdrawn_on:%d/%m/%Y}"},
            field="code",
        )
    if (kept.enrolled_on, kept.notice_version, kept.notice_given_on) != (
        entry.enrolled_on,
        entry.notice_version.strip(),
        entry.notice_given_on,
    ):
        raise _enrolled_already()


def _enrolled_already() -> DomainError:
    return DomainError(_("This recipient is enrolled already."), field="code")


def _lock(enrolment: Enrolment, by: Any) -> tuple[Activity, Enrolment]:
    activity = lock_activity(enrolment.activity_id)
    check_can_write(by, activity)
    if by is not None:
        check_can_enrol(by, activity)
    return activity, Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)


def withdraw(
    *,
    enrolment: Enrolment,
    withdrawn_on: date | None,
    by: Any,
    code: str = WithdrawalReason.OTHER,
    reason: str = "",
) -> None:
    """End an enrolment on a day (the last one on which it holds), with the coded reason.

    `reason` says it in words where the code does not, at most 200 characters, and names nobody. Who was enrolled by
    mistake has no last day: it leaves the register, as if it had never been there. Raises `DomainError` for a code that
    is none, another reason without words, no day, a day before the enrolment, outside the activity, or before a recorded
    presence; for a mistake on which something rests.
    """
    if code not in WithdrawalReason.values:
        raise DomainError(_("Choose why the recipient left."), field="code")
    if code == WithdrawalReason.OTHER and not reason.strip():
        raise DomainError(_("Write the reason, without names."), field="reason")
    with acting(by):
        activity, locked = _lock(enrolment, by)
        if code == WithdrawalReason.MISTAKE:
            _check_nothing_rests_on(locked)
            withdrawn_on = locked.enrolled_on
        if withdrawn_on is None:
            raise DomainError(_("Write the last day."), field="withdrawn_on")
        check_day_inside(withdrawn_on, activity.starts_on, activity.ends_on, field="withdrawn_on")
        if withdrawn_on < locked.enrolled_on:
            raise DomainError(_("The withdrawal comes before the enrolment."), field="withdrawn_on")
        last = (
            Attendance.objects.filter(
                enrolment=locked, state=AttendanceState.PRESENT, meeting__held_on__gt=withdrawn_on
            )
            .order_by("-meeting__held_on")
            .values_list("meeting__held_on", flat=True)
            .first()
        )
        if last is not None:
            raise DomainError(
                _("The register says present on %(day)s: the withdrawal is on that day or after.")
                % {"day": f"{last:%d/%m/%Y}"},
                field="withdrawn_on",
            )
        _check_not_followed(locked, withdrawn_on)
        Enrolment.objects.filter(pk=locked.pk).update(
            withdrawn_on=withdrawn_on, withdrawal_code=code, withdrawal_reason=reason.strip()
        )
        record_event(by=by, verb="withdrawn", target=locked, data={"code": code})
    enrolment.refresh_from_db()


def _check_nothing_rests_on(enrolment: Enrolment) -> None:
    """Raise `DomainError` at the reason where the register, a support, an outcome or a paper tells of the recipient."""
    marks = Attendance.objects.filter(enrolment=enrolment).order_by("-meeting__held_on")
    last = marks.values_list("meeting__held_on", flat=True).first()
    if last is not None:
        raise DomainError(
            _(
                "The register has marks for this recipient, the last on %(day)s: empty them first, or choose another "
                "reason."
            )
            % {"day": f"{last:%d/%m/%Y}"},
            field="code",
        )
    rests = (enrolment.support_members, enrolment.outcomes, enrolment.certificates)
    if any(rows.exists() for rows in rests):
        raise DomainError(
            _("A support, an outcome or a certificate rests on this enrolment: choose another reason."), field="code"
        )


def _check_not_followed(enrolment: Enrolment, withdrawn_on: date) -> None:
    """Raise `DomainError` at the day of a withdrawal while the person is followed, or before an intervention for it."""
    if SupportMember.objects.filter(enrolment=enrolment, until__isnull=True, support__ended_on__isnull=True).exists():
        raise DomainError(
            _("A support of this person goes on: end it first, or record that the person left the household."),
            field="withdrawn_on",
        )
    served = InterventionPerson.objects.filter(enrolment=enrolment, intervention__held_on__gt=withdrawn_on)
    last = served.order_by("-intervention__held_on").values_list("intervention__held_on", flat=True).first()
    if last is not None:
        raise DomainError(
            _("There is an intervention for this person on %(day)s: the withdrawal is on that day or after.")
            % {"day": f"{last:%d/%m/%Y}"},
            field="withdrawn_on",
        )


def cancel_withdrawal(*, enrolment: Enrolment, by: Any) -> None:
    """Let a withdrawn recipient take part again. Does nothing when it had not withdrawn."""
    with acting(by):
        _activity, locked = _lock(enrolment, by)
        if locked.withdrawn_on is not None:
            Enrolment.objects.filter(pk=locked.pk).update(withdrawn_on=None, withdrawal_code="", withdrawal_reason="")
            record_event(by=by, verb="withdrawal_cancelled", target=locked)
    enrolment.refresh_from_db()


@dataclass(frozen=True)
class Levels:
    """What is known of the Italian of an enrolled recipient: levels, how the first was found, the paper on the last."""

    entry_level: str = ""
    exit_level: str = ""
    test_kind: str = ""
    test_on: date | None = None
    certificate_number: str = ""
    certificate_on: date | None = None
    certificate_body: str = ""


def record_levels(*, enrolment: Enrolment, levels: Levels, by: Any, today: date) -> None:
    """Record the levels of Italian at entry and at exit, the test at entry and the certificate.

    Raises `NotPermitted`; `DomainError` at the field for a level or a test that is none, a test without its day or a
    level without the test's, a day to come, a certificate without its date or without the body that issued it.
    """
    levels = replace(
        levels,
        certificate_number=levels.certificate_number.strip(),
        certificate_body=" ".join(levels.certificate_body.split()),
    )
    _check_levels(levels, today)
    with acting(by):
        _activity, locked = _lock(enrolment, by)
        Enrolment.objects.filter(pk=locked.pk).update(**asdict(levels))
        record_event(by=by, verb="levels_recorded", target=locked)
    enrolment.refresh_from_db()


def _check_levels(levels: Levels, today: date) -> None:
    for field in ("entry_level", "exit_level"):
        if getattr(levels, field) not in ("", *LanguageLevel.values):
            raise DomainError(_("Choose one of the levels."), field=field)
    if levels.test_kind not in ("", *LevelTest.values):
        raise DomainError(_("Choose one of the tests."), field="test_kind")
    if bool(levels.test_kind) != (levels.test_on is not None):
        field = "test_on" if levels.test_kind else "test_kind"
        raise DomainError(_("A test has its kind and its day: write both, or neither."), field=field)
    if levels.test_kind and not levels.entry_level:
        raise DomainError(_("Choose the level that the test found."), field="entry_level")
    given = levels.certificate_number or levels.certificate_body or levels.certificate_on
    if given and levels.certificate_on is None:
        raise DomainError(_("Write the date of the certificate."), field="certificate_on")
    if given and not levels.certificate_body:
        raise DomainError(_("Write which body issued the certificate."), field="certificate_body")
    for field in ("test_on", "certificate_on"):
        day = getattr(levels, field)
        if day is not None and day > today:
            raise DomainError(_("This day is still to come."), field=field)
