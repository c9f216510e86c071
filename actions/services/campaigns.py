# SPDX-License-Identifier: EUPL-1.2
"""Writes on contents and campaigns, and on the values read on their channels (domain reference, section 8)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityKind
from actions.models import Activity, Campaign, CampaignMeasure, ReachChannel
from actions.selectors.activities import EVIDENCE, check_days_open
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.workflow import check_day_inside, closed_period_refusals
from fami_portal.core.documents import CheckedFile, store_document
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event
from partners.models import Language


def publish_campaign(
    *,
    activity: Activity,
    channel: ReachChannel,
    title: str,
    audience: str,
    published_on: date,
    by: Any,
    language: Language | None = None,
    url: str = "",
    evidence: Document | CheckedFile | None = None,
    value: int | None = None,
    source: str = "",
    key: UUID | None = None,
) -> Campaign:
    """Record a content that was published: an issue of a newsletter, a post, a page.

    The audience is who is reached, not the issue: twelve issues to the same 2,000 subscribers reach 2,000. With `value`
    the channel's metric on the day of publication is recorded too. `key` is the submission key of the form. Raises `ClosedPeriodError`, `DomainError` at the field that must change.
    """
    values = _checked(channel, title, audience, published_on, language, url)
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        kept = locked.campaigns.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_can_write(by, locked)
        if locked.activity_type.kind != ActivityKind.CAMPAIGN:
            raise DomainError(_("This activity has meetings or products, not published contents."))
        _check_place(locked, values)
        values |= kept_evidence(activity=locked, evidence=evidence, by=by)
        campaign = Campaign(activity=activity, **values, **({"uuid": key} if key else {}))
        campaign.save(force_insert=True)
        record_event(by=by, verb="campaign_published", target=campaign)
        if value is not None:
            record_measure(campaign=campaign, measured_on=published_on, value=value, source=source, by=by)
    return campaign


def _checked(
    channel: ReachChannel,
    title: str,
    audience: str,
    published_on: date,
    language: Language | None,
    url: str,
) -> dict[str, Any]:
    values = {
        "channel": channel,
        "title": " ".join(title.split()),
        "audience": " ".join(audience.split()),
        "published_on": published_on,
        "language": language,
        "url": url,
    }
    for field, sentence in (
        ("title", _("Write a title.")),
        ("audience", _("Write who is reached: for example “subscribers to the newsletter”.")),
    ):
        if not values[field]:
            raise DomainError(sentence, field=field)
    if published_on > timezone.localdate():
        raise DomainError(_("The day is in the future: record a content after it is published."), field="published_on")
    return values


def kept_evidence(*, activity: Activity, evidence: Document | CheckedFile | None, by: Any) -> dict[str, Document]:
    """Keep the file that proves something, and return it as the value of its field; nothing when there is none.

    Called inside a service transaction. Raises `DocumentRefused`.
    """
    if evidence is None:
        return {}
    if isinstance(evidence, CheckedFile):
        evidence = store_document(kind=EVIDENCE, name=evidence.name, content=evidence, by=by, subject_id=activity.pk)
    return {"evidence": evidence}


def _check_place(activity: Activity, values: dict[str, Any]) -> None:
    if values["channel"].programme_id != activity.programme_id:
        raise DomainError(_("This channel belongs to another programme."), field="channel")
    check_day_inside(values["published_on"], activity.starts_on, activity.ends_on, field="published_on")
    check_work_days(activity, [values["published_on"]], field="published_on")


def update_campaign(
    *,
    campaign: Campaign,
    version: int,
    channel: ReachChannel,
    title: str,
    audience: str,
    published_on: date,
    by: Any,
    language: Language | None = None,
    url: str = "",
    evidence: Document | CheckedFile | None = None,
) -> Campaign:
    """Correct a content; the evidence stays when none is given. Raises `StaleError` and as `publish_campaign`."""
    values = _checked(channel, title, audience, published_on, language, url)
    with closed_period_refusals(), acting(by):
        activity = lock_activity(campaign.activity_id)
        check_can_write(by, activity)
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.version != version:
            raise StaleError
        check_days_open(activity, [locked.published_on], field="published_on")
        _check_place(activity, values)
        first = locked.measures.order_by("measured_on").values_list("measured_on", flat=True).first()
        if first is not None and first < published_on:
            raise DomainError(
                _("A value was read on %(day)s: the content was published on that day or before.")
                % {"day": f"{first:%d/%m/%Y}"},
                field="published_on",
            )
        values |= kept_evidence(activity=activity, evidence=evidence, by=by)
        Campaign.objects.filter(pk=locked.pk).update(**values, version=F("version") + 1)
        record_event(by=by, verb="campaign_updated", target=locked)
    campaign.refresh_from_db()
    return campaign


def record_measure(
    *, campaign: Campaign, measured_on: date, value: int, by: Any, source: str = "", metric: str = ""
) -> CampaignMeasure:
    """Record the value of the channel's metric on a day; the same value again changes nothing.

    Another `metric`, such as views, is kept to be read: it is never counted, nor added to the channel's own. Raises `DomainError` when another value is recorded for the day: `correct_measure` changes it.
    """
    if metric == campaign.channel.metric:
        metric = ""
    try:
        with closed_period_refusals(), acting(by):
            activity = lock_activity(campaign.activity_id)
            check_can_write(by, activity)
            kept = campaign.measures.filter(measured_on=measured_on, metric=metric).first()
            if kept is not None and kept.value == value:
                return kept
            if kept is not None:
                raise _taken()
            _check_read(activity, campaign, measured_on)
            check_days_open(activity, [measured_on], field="measured_on")
            measure = CampaignMeasure.objects.create(
                campaign=campaign, metric=metric, measured_on=measured_on, value=value, source=source.strip()
            )
            record_event(by=by, verb="measure_recorded", target=campaign, data={"value": value})
    except IntegrityError as error:
        raise _taken() from error
    return measure


def _check_read(activity: Activity, campaign: Campaign, measured_on: date) -> None:
    if measured_on < campaign.published_on:
        raise DomainError(_("The value was read before the content was published."), field="measured_on")
    if measured_on > timezone.localdate():
        raise DomainError(_("The day is in the future."), field="measured_on")
    if measured_on > activity.programme.last_day:
        raise DomainError(
            _("The programme ended on %(end)s.") % {"end": f"{activity.programme.last_day:%d/%m/%Y}"},
            field="measured_on",
        )


def _taken() -> DomainError:
    return DomainError(_("There is a value of this day already."), field="measured_on")


def correct_measure(
    *, measure: CampaignMeasure, value: int, by: Any, source: str = "", measured_on: date | None = None
) -> None:
    """Correct the value read on a day, or the day. Raises `ClosedPeriodError`, `NotPermitted`, `DomainError` at the field
    as `record_measure`."""
    day = measured_on or measure.measured_on
    try:
        with closed_period_refusals(), acting(by):
            activity = lock_activity(measure.campaign.activity_id)
            check_can_write(by, activity)
            check_days_open(activity, [measure.measured_on, day], field="value")
            if day != measure.measured_on:
                _check_read(activity, measure.campaign, day)
            CampaignMeasure.objects.filter(pk=measure.pk).update(value=value, source=source.strip(), measured_on=day)
            record_event(by=by, verb="measure_corrected", target=measure.campaign, data={"value": value})
    except IntegrityError as error:
        raise _taken() from error
    measure.refresh_from_db()
