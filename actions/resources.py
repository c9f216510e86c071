# SPDX-License-Identifier: EUPL-1.2
"""What activities, meetings and campaigns look like in a file; the bulk services write."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import Permission
from actions.models import ActivityType, ReachChannel
from actions.selectors.import_places import work_places
from actions.services.bulk import activities, campaigns, meetings, works
from fami_portal.core.imports import (
    Column,
    Day,
    Hour,
    ImportResource,
    Line,
    Listed,
    Text,
    Whole,
    register_import,
)
from partners.models import Language
from partners.permissions import holds
from partners.resources import MunicipalityCell


def _languages() -> list[tuple[Language, tuple[object, ...]]]:
    return [(one, (one.name, one.code)) for one in Language.objects.order_by("name", "pk")]


class WorkResource(ImportResource):
    """Rows about the work of one body in one programme."""

    def prepare(self) -> None:
        """Read the activities of the body."""
        about = self.place.about if self.place else {}
        self.works = works.read_works(programme=about["programme"], body=about["organisation"])


class ActivityResource(WorkResource):
    """Activities of the own body: one row for each."""

    activity_type = Column(_("Activity type"), required=True)
    network = Column(_("Network"), Text(200), help=_("Its code; empty where your body is in one network only."))
    title = Column(_("Title"), Text(200), required=True)
    starts_on = Column(_("Start"), Day(), required=True)
    ends_on = Column(_("End"), Day(), required=True)
    description = Column(_("Description"), Text(2000))
    venue = Column(_("Held at"), Text(200), help=_("The school code, the tax code or the exact name of another body."))
    municipality = Column(_("Municipality"), MunicipalityCell(), help=_("The ISTAT code, or “Torino (TO)”."))
    hours = Column(_("Planned hours"), Whole(1, 10_000))
    places = Column(_("Places"), Whole(1, 10_000))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["activity_type"].widget = Listed(self._types)

    def _types(self) -> list[tuple[ActivityType, tuple[object, ...]]]:
        if self.place is None:
            return []
        types = ActivityType.objects.filter(programme=self.place.about["programme"]).order_by("code", "pk")
        return [(one, (f"{one.code} {one.title}", one.code, one.title)) for one in types]

    def prepare(self) -> None:
        """Read the activities of the body, and its networks."""
        super().prepare()
        self.membership = activities.read_membership(self.works)

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the title."""
        return str(values["title"])

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the activities of the body."""
        activities.plan_activities(works=self.works, membership=self.membership, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Begin and correct."""
        activities.write_activities(works=self.works, lines=lines, by=self.user)


_ACTIVITY = _("The title of the activity, as the portal shows it.")
_START = _("Only where two activities have the same title: the first day.")


class MeetingResource(WorkResource):
    """Meetings of the activities of the own body."""

    activity = Column(_("Activity"), Text(200), required=True, help=_ACTIVITY)
    activity_start = Column(_("Start of the activity"), Day(), help=_START)
    held_on = Column(_("Day"), Day(), required=True)
    starts_at = Column(pgettext_lazy("hour", "From"), Hour(), required=True)
    ends_at = Column(pgettext_lazy("hour", "Until"), Hour(), required=True)
    minutes = Column(
        _("Minutes"), Whole(1, 1440), help=_("Only if shorter than from beginning to end: without breaks.")
    )
    topic = Column(_("Topic"), Text(200))
    place = Column(_("Place"), Text(200))

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the activity and the day."""
        return f"{values['activity']}, {values['held_on']:%d/%m/%Y}"

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the meetings of the activities."""
        meetings.plan_meetings(works=self.works, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Add and correct."""
        meetings.write_meetings(lines=lines, by=self.user)


class CampaignResource(WorkResource):
    """Contents and campaigns of the own body, with the value read on their channel."""

    activity = Column(_("Activity"), Text(200), required=True, help=_ACTIVITY)
    activity_start = Column(_("Start of the activity"), Day(), help=_START)
    channel = Column(_("Channel"), required=True)
    title = Column(_("Title"), Text(200), required=True)
    audience = Column(
        _("Audience"),
        Text(100),
        required=True,
        help=_("Who is reached, always in the same words: for example “subscribers to the newsletter”."),
    )
    language = Column(_("Language"), Listed(_languages))
    published_on = Column(_("Published on"), Day(), required=True)
    url = Column(_("Address of the page"), Text(200))
    value = Column(_("Value read"), Whole(0, 1_000_000_000), help=_("What the channel counts, as a whole number."))
    measured_on = Column(_("Read on"), Day(), help=_("Empty: on the day of publication."))
    source = Column(_("Where it was read"), Text(200))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["channel"].widget = Listed(self._channels)

    def _channels(self) -> list[tuple[ReachChannel, tuple[object, ...]]]:
        if self.place is None:
            return []
        channels = ReachChannel.objects.filter(programme=self.place.about["programme"]).order_by("title", "pk")
        return [(one, (one.title, one.code)) for one in channels]

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the title."""
        return str(values["title"])

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the contents of the activities."""
        campaigns.plan_campaigns(works=self.works, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Record contents and values."""
        campaigns.write_campaigns(lines=lines, by=self.user)


def _keeps(user: Any) -> bool:
    return holds(user, Permission.KEEP_REGISTERS)


def register_imports() -> None:
    """Make the kinds of this app known; called when it is ready."""
    for code, label, help_text, resource, order in (
        ("activities", _("Activities"), _("One row for each activity of your body."), ActivityResource, 40),
        ("meetings", _("Meetings"), _("One row for each meeting of an activity of your body."), MeetingResource, 50),
        (
            "campaigns",
            _("Contents and campaigns"),
            _("One row for each content published, with the value read on its channel."),
            CampaignResource,
            80,
        ),
    ):
        register_import(
            code,
            label=label,
            help=help_text,
            resource=resource,
            may_import=_keeps,
            places=lambda user: work_places(user, Permission.KEEP_REGISTERS),
            list_url="actions:activity-list",
            order=order,
        )
