# SPDX-License-Identifier: EUPL-1.2
"""Activity reports."""

import factory

from reporting.models import ActivityReport, MergedReport
from tests.factories.actions import PeriodFactory
from tests.factories.base import PortalFactory
from tests.factories.partners import NetworkFactory, OrganisationFactory


class ActivityReportFactory(PortalFactory):
    """An open report with its first box written."""

    class Meta:
        model = ActivityReport

    period = factory.SubFactory(PeriodFactory)
    programme = factory.SelfAttribute("period.programme")
    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    due_on = factory.SelfAttribute("period.due_on")
    done = "Laboratori svolti come previsto."


class MergedReportFactory(PortalFactory):
    """The report of a network that is being put together, with its first box written."""

    class Meta:
        model = MergedReport

    period = factory.SubFactory(PeriodFactory)
    programme = factory.SelfAttribute("period.programme")
    network = factory.SubFactory(NetworkFactory)
    due_on = factory.SelfAttribute("period.due_on")
    done = "La rete ha svolto quanto previsto."
