# SPDX-License-Identifier: EUPL-1.2
"""Contents and campaigns with the value read on their channel, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityKind
from actions.models import Activity, Campaign, CampaignMeasure
from actions.services.activities import check_can_write
from actions.services.bulk.works import Works, check_day, check_open, find_activity
from actions.workflow import closed_period_refusals
from fami_portal.core.bulk import insert_rows
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, plain, sound, where_read
from fami_portal.core.services import acting, gathering_events, record_events

# What a row says of the content beside what it is found by.
ABOUT = ("language", "url")


@dataclass
class _Kept:
    activity: Activity
    campaign: Campaign | None = None
    measure: CampaignMeasure | None = None
    # The columns about the content that no earlier row of the file has filled: this one writes them.
    says: frozenset[str] = frozenset()


def plan_campaigns(*, works: Works, lines: Sequence[Line]) -> None:
    """Say of each row what it does. `values` are those of `actions.resources.CampaignResource`. Two queries.

    A row is one content with one value read on a day; a content that was read on two days has two rows.
    """
    for line in lines:
        activity = where_read(find_activity, works.activities, line)
        if activity is not None:
            line.kept = _Kept(activity)
            if activity.activity_type.kind != ActivityKind.CAMPAIGN:
                line.refuse("activity", _("This activity has meetings or products, not published contents."))
        where_read(_check_days, line)
        if activity is not None:
            where_read(_check_once, works, line, activity)
            where_read(_check_same, works, line, activity)
    left = sound(lines)
    known = Campaign.objects.filter(activity__in={line.kept.activity.pk for line in lines if line.kept}).select_related(
        "channel", "language"
    )
    campaigns = {
        (one.activity_id, one.channel_id, plain(one.title), plain(one.audience), one.published_on): one
        for one in known.order_by("pk")
    }
    measures = {
        (one.campaign_id, one.measured_on): one
        for one in CampaignMeasure.objects.filter(campaign__in=campaigns.values(), metric="").order_by("pk")
    }
    for line in left:
        _compare(works, line, campaigns, measures)
    for line in lines:
        if line.problems and line.kept is not None and line.read("channel", "title", "audience", "published_on"):
            _check_new(works, line, campaigns)


def _check_days(line: Line) -> None:
    values = line.values
    if values["published_on"] > timezone.localdate():
        line.refuse("published_on", _("The day is in the future: record a content after it is published."))
    values["measured_on"] = values["measured_on"] or values["published_on"]
    if values["measured_on"] < values["published_on"]:
        line.refuse("measured_on", _("The value was read before the content was published: check the days."))


def _check_once(works: Works, line: Line, activity: Activity) -> None:
    works.once(line, (_key(activity, line.values), line.values["measured_on"]))


def _check_same(works: Works, line: Line, activity: Activity) -> None:
    """Refuse a row that says something else of a content than an earlier one; an empty cell says nothing."""
    values, key = line.values, _key(activity, line.values)
    says = set()
    for column in ABOUT:
        if not values[column]:
            continue
        first = works.rows.first((column, key), line.number)
        if first == line.number:
            says.add(column)
        if works.rows.first((column, key, getattr(values[column], "pk", values[column])), line.number) != first:
            line.refuse(
                column,
                _("Row %(row)s says something else of the same content: both must say the same.") % {"row": first},
            )
    line.kept.says = frozenset(says)


def _key(activity: Activity, values: dict[str, Any]) -> tuple[Any, ...]:
    return (
        activity.pk,
        values["channel"].pk,
        plain(values["title"]),
        plain(values["audience"]),
        values["published_on"],
    )


def _compare(works: Works, line: Line, campaigns: dict[Any, Campaign], measures: dict[Any, CampaignMeasure]) -> None:
    kept, values = line.kept, line.values
    key = _key(kept.activity, values)
    kept.campaign = campaigns.get(key)
    # 0: the portal had not this content when the file first named it. An earlier chunk may have written it since.
    if works.rows.first(("known", key), line.number if kept.campaign else 0) == 0:
        line.effect = RowEffect.NEW
    elif kept.campaign is not None:
        kept.measure = measures.get((kept.campaign.pk, values["measured_on"]))
        before = kept.measure
        line.compare(
            [
                *((column, getattr(kept.campaign, column), values[column]) for column in ABOUT if column in kept.says),
                (
                    "value",
                    before and before.value,
                    values["value"] if values["value"] is not None else before and before.value,
                ),
                ("source", before.source if before else "", values["source"] or (before.source if before else "")),
            ]
        )
    if line.effect != RowEffect.SAME:
        check_open(line, kept.activity)
        check_day(works, line, kept.activity, "published_on")


def _check_new(works: Works, line: Line, campaigns: dict[Any, Campaign]) -> None:
    """Say of a row that is refused anyway what else stands against a content that the portal has not."""
    if _key(line.kept.activity, line.values) not in campaigns:
        check_open(line, line.kept.activity)
        check_day(works, line, line.kept.activity, "published_on")


def write_campaigns(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows: contents, then values, each in one statement. Inside the transaction of the import."""
    with closed_period_refusals(), acting(by), gathering_events():
        to_write = [line for line in sound(lines) if line.effect != RowEffect.SAME]
        activities = Activity.objects.select_for_update(of=("self",), no_key=True).with_type()
        locked = activities.filter(pk__in={line.kept.activity.pk for line in to_write}).order_by("pk")
        for activity in locked:
            check_can_write(by, activity)
        made = _contents(to_write, by)
        values, read = [], []
        for line in to_write:
            kept = line.kept
            kept.campaign = kept.campaign or made[_key(kept.activity, line.values)]
            if line.values["value"] is None:
                continue
            if kept.measure is None:
                values.append(
                    CampaignMeasure(
                        campaign=kept.campaign,
                        measured_on=line.values["measured_on"],
                        value=line.values["value"],
                        source=line.values["source"],
                    )
                )
            elif {"value", "source"} & line.changes.keys():
                kept.measure.value = line.values["value"]
                kept.measure.source = line.values["source"] or kept.measure.source
                read.append(kept.measure)
        insert_rows(values)
        CampaignMeasure.objects.bulk_update(read, ["value", "source"], batch_size=500)


def _contents(to_write: Sequence[Line], by: Any) -> dict[tuple[Any, ...], Campaign]:
    """Write the contents that are new, each once, and those that changed; return the new ones."""
    made: dict[tuple[Any, ...], Campaign] = {}
    changed: dict[int, Campaign] = {}
    filled: dict[int, Campaign] = {}
    for line in to_write:
        kept, values = line.kept, line.values
        key = _key(kept.activity, values)
        content = kept.campaign or made.get(key)
        if content is None:
            names = ("channel", "title", "audience", "published_on")
            content = made[key] = Campaign(activity=kept.activity, **{name: values[name] for name in names})
        elif kept.campaign is not None and kept.says and line.effect == RowEffect.NEW:
            filled[kept.campaign.pk] = kept.campaign
        elif kept.campaign is not None and kept.says & line.changes.keys():
            content.version += 1
            changed[content.pk] = content
        for name in kept.says:
            setattr(content, name, values[name])
    insert_rows(list(made.values()))
    Campaign.objects.bulk_update([*filled.values(), *changed.values()], [*ABOUT, "version"], batch_size=500)
    record_events(by=by, verb="campaign_published", targets=list(made.values()))
    record_events(by=by, verb="campaign_updated", targets=list(changed.values()))
    return made
