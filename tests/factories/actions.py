# SPDX-License-Identifier: EUPL-1.2
"""Programmes, activities and what happens in them."""

from datetime import date, time, timedelta
from typing import Any

import factory

from actions.enums import (
    ActivityKind,
    ActivityState,
    IndicatorKind,
    Measure,
    MeetingState,
    PeriodCalendar,
    ReachMetric,
    ReachMode,
    TargetGroupKind,
    Unit,
)
from actions.models import (
    Action,
    ActionNetwork,
    Activity,
    ActivityType,
    Campaign,
    CampaignMeasure,
    Deliverable,
    Indicator,
    Meeting,
    MeetingBody,
    Period,
    Plan,
    Programme,
    ProgrammeBody,
    ReachChannel,
    TargetGroup,
)
from tests.factories.base import PortalFactory
from tests.factories.partners import NetworkFactory, OrganisationFactory


class ProgrammeFactory(PortalFactory):
    """A programme of 2019 to 2021 with solar quarters."""

    class Meta:
        model = Programme

    slug = factory.Sequence(lambda n: f"programma-{n}")
    title = factory.Sequence(lambda n: f"Programma di prova {n}")
    fund = "FAMI 2014-2020"
    lead = factory.SubFactory(OrganisationFactory)
    starts_on = date(2019, 1, 1)
    ends_on = date(2021, 12, 31)
    calendar = PeriodCalendar.SOLAR_QUARTERS
    visibility_text = "Progetto di prova"


class ProgrammeBodyFactory(PortalFactory):
    """The part of a body in a programme."""

    class Meta:
        model = ProgrammeBody


class PlanFactory(PortalFactory):
    """A plan inside a programme."""

    class Meta:
        model = Plan

    programme = factory.SubFactory(ProgrammeFactory)
    slug = factory.Sequence(lambda n: f"piano-{n}")
    title = factory.Sequence(lambda n: f"Piano di prova {n}")
    organisation = factory.SubFactory(OrganisationFactory)
    starts_on = date(2019, 1, 1)
    ends_on = date(2021, 12, 31)


class PeriodFactory(PortalFactory):
    """A quarter of 2019."""

    class Meta:
        model = Period

    programme = factory.SubFactory(ProgrammeFactory)
    code = "2019-Q1"
    starts_on = date(2019, 1, 1)
    ends_on = date(2019, 3, 31)
    due_on = factory.LazyAttribute(lambda row: row.ends_on + timedelta(days=15))


class ActionFactory(PortalFactory):
    """An action of a programme."""

    class Meta:
        model = Action

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"{n:02d}")
    title = factory.LazyAttribute(lambda row: f"Azione {row.code}")


class ActionNetworkFactory(PortalFactory):
    """A network carries out an action."""

    class Meta:
        model = ActionNetwork

    action = factory.SubFactory(ActionFactory)
    network = factory.SubFactory(NetworkFactory)


class ActivityTypeFactory(PortalFactory):
    """A type of lab."""

    class Meta:
        model = ActivityType

    action = factory.SubFactory(ActionFactory)
    programme = factory.SelfAttribute("action.programme")
    code = factory.Sequence(lambda n: f"type-{n}")
    title = factory.LazyAttribute(lambda row: f"Tipo {row.code}")
    kind = ActivityKind.LAB


class TargetGroupFactory(PortalFactory):
    """A group of persons without conditions."""

    class Meta:
        model = TargetGroup

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"group-{n}")
    title = factory.LazyAttribute(lambda row: f"Gruppo {row.code}")
    kind = TargetGroupKind.PERSONS

    @factory.post_generation
    def earned_by(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        if create and extracted:
            self.earned_by.set(extracted)


class IndicatorFactory(PortalFactory):
    """A count of persons."""

    class Meta:
        model = Indicator

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"I.{n}")
    title = factory.LazyAttribute(lambda row: f"Indicatore {row.code}")
    kind = IndicatorKind.OUTPUT
    measure = Measure.PERSONS
    unit = Unit.PERSONS


class ReachChannelFactory(PortalFactory):
    """A channel whose values are summed."""

    class Meta:
        model = ReachChannel

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"channel-{n}")
    title = factory.LazyAttribute(lambda row: f"Canale {row.code}")
    metric = ReachMetric.SUBSCRIBERS
    mode = ReachMode.FLOW


class ActivityFactory(PortalFactory):
    """A lab that runs for the whole programme."""

    class Meta:
        model = Activity

    activity_type = factory.SubFactory(ActivityTypeFactory)
    programme = factory.SelfAttribute("activity_type.programme")
    action = factory.SelfAttribute("activity_type.action")
    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Laboratorio {n}")
    starts_on = date(2019, 1, 1)
    ends_on = date(2021, 12, 31)
    state = ActivityState.RUNNING


class MeetingFactory(PortalFactory):
    """A meeting held, of an hour and a half."""

    class Meta:
        model = Meeting

    activity = factory.SubFactory(ActivityFactory)
    held_on = date(2019, 2, 4)
    starts_at = time(14)
    ends_at = time(15, 30)
    minutes = 90
    state = MeetingState.HELD


class MeetingBodyFactory(PortalFactory):
    """A body at a meeting."""

    class Meta:
        model = MeetingBody

    meeting = factory.SubFactory(MeetingFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class DeliverableFactory(PortalFactory):
    """A product."""

    class Meta:
        model = Deliverable

    activity = factory.SubFactory(ActivityFactory)
    title = "Modulo semplificato"
    delivered_on = date(2019, 2, 10)


class CampaignFactory(PortalFactory):
    """An issue of a newsletter."""

    class Meta:
        model = Campaign

    activity = factory.SubFactory(ActivityFactory)
    channel = factory.SubFactory(ReachChannelFactory)
    title = factory.Sequence(lambda n: f"Numero {n}")
    audience = "iscritti"
    published_on = date(2019, 2, 10)


class CampaignMeasureFactory(PortalFactory):
    """A value read on a channel."""

    class Meta:
        model = CampaignMeasure

    campaign = factory.SubFactory(CampaignFactory)
    measured_on = date(2019, 2, 20)
    value = 100
