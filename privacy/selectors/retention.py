# SPDX-License-Identifier: EUPL-1.2
"""What would be destroyed on a day, what is held and why, what has to be announced first: the dry run (art. 5 GDPR)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.permissions import Permission
from actions.models import Programme
from privacy.enums.retention import Anchor, DataClass
from privacy.models import RetentionNotice, RetentionPlan, RetentionRun
from privacy.selectors.retention_holds import Held, held_on
from privacy.selectors.retention_parts import Counted, Part, count, let_go, parts_of, without_names
from privacy.selectors.retention_rules import NOTICE_DAYS, Rule, fixed_day, plan_of, rules_of


@dataclass
class Outlook:
    """One class on a day: its rule, what may go, what is held, when it was or must be announced."""

    rule: Rule
    # For rules counted from the programme: the day from which it may go; None while its dates are not set.
    from_day: date | None
    rows: list[Counted] = field(default_factory=list)
    notice: RetentionNotice | None = None

    @property
    def data_class(self) -> DataClass:
        return self.rule.data_class

    @property
    def due(self) -> int:
        return sum(row.due for row in self.rows)

    @property
    def held(self) -> int:
        return sum(row.held for row in self.rows)

    @property
    def free(self) -> int:
        return self.due - self.held


@dataclass(frozen=True)
class Situation:
    """All that decides what may be destroyed of a programme (None: of the portal) on a day."""

    programme: Programme | None
    day: date
    plan: RetentionPlan | None
    rules: dict[DataClass, Rule]
    held: Held
    notices: dict[str, list[RetentionNotice]]

    def let_go_day(self, data_class: DataClass) -> date | None:
        """Return the day whose records may be destroyed now: for announced classes that of the last notice that is due.

        What comes due later needs a notice of its own. None when nothing of the class may be destroyed.
        """
        if not self.rules[data_class].usual.announced:
            return self.day
        ripe = [
            notice.due_on
            for notice in self.notices.get(data_class, [])
            if notice.due_on <= self.day and notice.sent_on + timedelta(days=NOTICE_DAYS) <= self.day
        ]
        return max(ripe, default=None)

    def units(self, part: Part, day: date | None) -> "QuerySet[Any] | None":
        """Return the records of a part that its rule lets go by a day, held ones included."""
        if day is None:
            return None
        found = let_go(part, programme=self.programme, rule=self.rules[part.data_class], plan=self.plan, day=day)
        if found is None or part.data_class != DataClass.RECIPIENTS:
            return found
        # Who is made anonymous loses the name too: never before the rule of names lets it go.
        names = self.rules[DataClass.IDENTITIES]
        if names.anchor == Anchor.LAST_SUPPORT:
            return without_names(found)
        fixed = fixed_day(names, self.plan)
        return found if fixed is not None and fixed <= day else None


def situation(programme: Programme | None, day: date) -> Situation:
    """Read rules, dates, holds and notices. Five queries."""
    notices: dict[str, list[RetentionNotice]] = {}
    if programme is not None:
        for notice in RetentionNotice.objects.filter(programme=programme).order_by("due_on", "pk"):
            notices.setdefault(notice.data_class, []).append(notice)
    return Situation(
        programme,
        day,
        plan_of(programme) if programme is not None else None,
        rules_of(programme),
        held_on(day, programme),
        notices,
    )


def outlook(now: Situation, *, ripe: bool = False) -> list[Outlook]:
    """Return for each class what its rule lets go on the day; with `ripe` only what was announced in time. One query."""
    return _filled(now, list(now.rules), ripe=ripe)


def ripe_of(now: Situation, found: list[Outlook]) -> dict[DataClass, int]:
    """Return how many records of each class may be destroyed now, given the whole outlook. One query at most."""
    announced = [data_class for data_class, rule in now.rules.items() if rule.usual.announced]
    ripe = {one.data_class: one.free for one in _filled(now, announced, ripe=True)}
    return {one.data_class: ripe.get(one.data_class, one.free) for one in found}


def _filled(now: Situation, classes: list[DataClass], *, ripe: bool) -> list[Outlook]:
    found = {
        data_class: Outlook(
            now.rules[data_class],
            fixed_day(now.rules[data_class], now.plan),
            notice=next(iter(now.notices.get(data_class, [])[::-1]), None),
        )
        for data_class in classes
    }
    asked = []
    for data_class in found:
        day = now.let_go_day(data_class) if ripe else now.day
        for part in parts_of(data_class):
            units = now.units(part, day)
            if units is not None:
                asked.append((part, units))
    for row in count(asked, now.held):
        found[row.part.data_class].rows.append(row)
    return list(found.values())


def to_announce(now: Situation) -> list[Outlook]:
    """Return the announced classes of which something comes due within thirty days that no notice has told yet."""
    horizon = now.day + timedelta(days=NOTICE_DAYS)
    asked = []
    found = {}
    for data_class, rule in now.rules.items():
        if not rule.usual.announced:
            continue
        told = max((notice.due_on for notice in now.notices.get(data_class, [])), default=None)
        if told is not None and told > now.day:
            continue
        found[data_class] = Outlook(rule, fixed_day(rule, now.plan))
        for part in parts_of(data_class):
            units = now.units(part, horizon)
            known = now.units(part, told)
            if units is None:
                continue
            asked.append((part, units if known is None else units.exclude(pk__in=known.order_by().values("pk"))))
    for row in count(asked, now.held):
        found[row.part.data_class].rows.append(row)
    return [one for one in found.values() if one.free]


def programmes_of(user: Any) -> QuerySet[Programme]:
    """Return the programmes whose retention the person manages."""
    return Programme.objects.reached_by(user, Permission.MANAGE_RETENTION).order_by("title", "pk")


def runs_of(programme: Programme | None) -> QuerySet[RetentionRun]:
    """Return the destructions of a programme (None: of the portal), the latest first."""
    found = RetentionRun.objects.filter(programme=programme)
    return found.select_related("programme", "asked_by").order_by("-pk")


def runs_for(user: Any) -> QuerySet[RetentionRun]:
    """Return the destructions that the person may see, the latest first."""
    return RetentionRun.objects.visible_to(user).select_related("programme", "asked_by", "report").order_by("-pk")
