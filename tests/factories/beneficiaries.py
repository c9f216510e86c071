# SPDX-License-Identifier: EUPL-1.2
"""Recipients, enrolments and attendance."""

from datetime import date

import factory

from beneficiaries.enums import AttendanceState, Eligibility, Sex
from beneficiaries.models import Attendance, Beneficiary, Enrolment
from tests.factories.actions import ActivityFactory, MeetingFactory, ProgrammeFactory, TargetGroupFactory
from tests.factories.base import PortalFactory
from tests.factories.partners import CountryFactory, OrganisationFactory


class BeneficiaryFactory(PortalFactory):
    """A girl of eight, declared eligible."""

    class Meta:
        model = Beneficiary

    programme = factory.SubFactory(ProgrammeFactory)
    pseudonym = factory.Sequence(lambda n: f"P{n:07d}")
    local_code = factory.Sequence(lambda n: f"codice-{n}")
    registered_by = factory.SubFactory(OrganisationFactory)
    target_group = factory.SubFactory(TargetGroupFactory, programme=factory.SelfAttribute("..programme"))
    sex = Sex.FEMALE
    birth_date = date(2010, 5, 1)
    citizenship = factory.SubFactory(CountryFactory)
    eligibility = Eligibility.DECLARED


class EnrolmentFactory(PortalFactory):
    """An enrolment in January 2019."""

    class Meta:
        model = Enrolment

    activity = factory.SubFactory(ActivityFactory)
    beneficiary = factory.SubFactory(BeneficiaryFactory, programme=factory.SelfAttribute("..activity.programme"))
    enrolled_on = date(2019, 1, 10)
    notice_version = "1"
    notice_given_on = factory.SelfAttribute("enrolled_on")


class AttendanceFactory(PortalFactory):
    """A presence for the whole meeting."""

    class Meta:
        model = Attendance

    meeting = factory.SubFactory(MeetingFactory)
    enrolment = factory.SubFactory(EnrolmentFactory, activity=factory.SelfAttribute("..meeting.activity"))
    state = AttendanceState.PRESENT
    minutes = 90
