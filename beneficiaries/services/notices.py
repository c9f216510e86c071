# SPDX-License-Identifier: EUPL-1.2
"""Recording that families were informed again, with the version of the privacy notice in force."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from beneficiaries.enums import NoticeReceiver
from beneficiaries.models import Enrolment, NoticeRenewal
from beneficiaries.permissions import check_can_enrol
from beneficiaries.selectors.notices import notice_in_force, to_inform_again, versions_by_programme
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from partners.models import Language


def inform_again(
    *, enrolments: Collection[int], given_on: date, given_to: str, language: Language, by: Any, at: datetime
) -> int:
    """Record that the version in force on a day was given to the families of some enrolments; returns how many.

    All or none. Those who have it already are left alone, so that a second click changes nothing. Raises
    `NotPermitted`, `DomainError` at the field.
    """
    if not enrolments:
        raise DomainError(_("Choose at least one recipient."), field="enrolments")
    if given_to not in NoticeReceiver.values:
        raise DomainError(_("Choose to whom the notice was given."), field="given_to")
    if given_on > timezone.localdate(at):
        raise DomainError(_("This day has not come yet."), field="given_on")
    with acting(by):
        waiting = list(
            to_inform_again(by, given_on, permission=Permission.REGISTER_BENEFICIARIES)
            .filter(pk__in=list(enrolments))
            .select_for_update(of=("self",), no_key=True)
        )
        _check_all_there(enrolments, waiting, by)
        for activity in {row.activity_id: row.activity for row in waiting}.values():
            check_can_enrol(by, activity)
        found = versions_by_programme()
        rows = []
        for row in waiting:
            if given_on < row.enrolled_on:
                raise DomainError(
                    _("Somebody was enrolled after this day: the new version is given later."), field="given_on"
                )
            notice = notice_in_force(found[row.activity.programme_id], row.activity, given_on)
            if notice is not None:
                rows.append(
                    NoticeRenewal(
                        enrolment=row,
                        notice=notice,
                        given_on=given_on,
                        given_to=given_to,
                        language=language,
                        at=at,
                        by=by,
                    )
                )
        NoticeRenewal.objects.bulk_create(rows)
        if rows:
            record_event(
                by=by,
                verb="informed_again",
                target=rows[0].notice,
                data={"enrolments": [r.enrolment_id for r in rows]},
                at=at,
            )
    return len(rows)


def _check_all_there(enrolments: Collection[int], waiting: list[Enrolment], by: Any) -> None:
    """Refuse an enrolment that the person does not keep; one that was informed meanwhile is none of our business."""
    others = set(enrolments) - {row.pk for row in waiting}
    for row in Enrolment.objects.filter(pk__in=others).select_related("activity").order_by("pk"):
        check_can_enrol(by, row.activity)
