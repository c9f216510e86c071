# SPDX-License-Identifier: EUPL-1.2
"""How long each class of data is kept: the usual rules, those that a programme changed, and the dates that follow."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from privacy.enums.retention import Anchor, DataClass
from privacy.models import RetentionPlan, RetentionRule

# Days between the notice to the bodies and the destruction.
NOTICE_DAYS = 30

_FUND = _(
    "Controls on the expenditure of the fund: five years from 31 December of the year of the last payment "
    "(Reg. (EU) 2021/1060, art. 82)"
)
_MINIMUM = _("No longer than needed for the purpose (Reg. (EU) 2016/679, art. 5(1)(e))")


@dataclass(frozen=True)
class Usual:
    """The usual rule of a class: months from what, why, from what else they may be counted."""

    months: int
    anchor: Anchor
    basis: Promise
    anchors: tuple[Anchor, ...]
    # Belongs to the whole portal, not to one programme.
    portal: bool = False
    # The bodies are told before.
    announced: bool = False


_CLOSURE = (Anchor.CONTROL_END, Anchor.PROGRAMME_CLOSED)
USUAL: Mapping[DataClass, Usual] = {
    DataClass.IDENTITIES: Usual(0, Anchor.CONTROL_END, _FUND, (*_CLOSURE, Anchor.LAST_SUPPORT), announced=True),
    DataClass.RECIPIENTS: Usual(0, Anchor.CONTROL_END, _FUND, _CLOSURE, announced=True),
    DataClass.IDENTITY_FILES: Usual(0, Anchor.CONTROL_END, _FUND, _CLOSURE, announced=True),
    DataClass.CASE_TEXTS: Usual(24, Anchor.CASE_ENDED, _MINIMUM, (Anchor.CASE_ENDED, Anchor.PROGRAMME_CLOSED)),
    DataClass.DRAFTS: Usual(12, Anchor.WRITTEN, _MINIMUM, (Anchor.WRITTEN,)),
    DataClass.ACCESS_LINKS: Usual(12, Anchor.WRITTEN, _MINIMUM, (Anchor.WRITTEN,)),
    DataClass.APPLICANTS: Usual(
        60,
        Anchor.CASE_ENDED,
        _("Showing that a request was answered (Reg. (EU) 2016/679, art. 5(2))"),
        (Anchor.CASE_ENDED,),
    ),
    DataClass.INVITATIONS: Usual(12, Anchor.WRITTEN, _MINIMUM, (Anchor.WRITTEN,), portal=True),
    DataClass.NOTIFICATIONS: Usual(24, Anchor.WRITTEN, _MINIMUM, (Anchor.WRITTEN,), portal=True),
}


@dataclass(frozen=True)
class Rule:
    """The rule that holds for a class in a programme: the usual one, or the one that was written for it."""

    data_class: DataClass
    months: int
    anchor: Anchor
    basis: Any
    # 0 for the usual rule, which nobody has changed.
    version: int = 0
    pk: int | None = None

    @property
    def usual(self) -> Usual:
        return USUAL[self.data_class]

    @property
    def words(self) -> str:
        """The rule as people say it."""
        if not self.months:
            return str(_("At %(anchor)s") % {"anchor": self.anchor.label})
        return str(_("%(months)s months after %(anchor)s") % {"months": self.months, "anchor": self.anchor.label})


def rules_of(programme: Programme | None) -> dict[DataClass, Rule]:
    """Return the rule of each class of a programme (None: of the whole portal). One query."""
    written = {row.data_class: row for row in RetentionRule.objects.filter(programme=programme).order_by("pk")}
    found = {}
    for data_class, usual in USUAL.items():
        if usual.portal != (programme is None):
            continue
        row = written.get(data_class)
        found[data_class] = (
            Rule(data_class, usual.months, usual.anchor, usual.basis)
            if row is None
            else Rule(data_class, row.months, Anchor(row.anchor), row.basis, row.version, row.pk)
        )
    return found


def plan_of(programme: Programme) -> RetentionPlan | None:
    """Return the dates of the retention of a programme, if they were set."""
    return RetentionPlan.objects.filter(programme=programme).first()


def usual_control_end(closed_on: date) -> date:
    """Return the end of the control period that the fund usually has: five years from the end of the year."""
    return date(closed_on.year + 5, 12, 31)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_let_go(today: date, months: int) -> date:
    """Return the last day that lies at least some months before today: what ended then may go."""
    day = add_months(today, -months)
    while add_months(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return day


def fixed_day(rule: Rule, plan: RetentionPlan | None) -> date | None:
    """Return the day from which a class may go, for rules counted from the programme; None for others, or not known."""
    if plan is None:
        return None
    start = {Anchor.CONTROL_END: plan.control_until, Anchor.PROGRAMME_CLOSED: plan.closed_on}.get(rule.anchor)
    return None if start is None else add_months(start, rule.months)
