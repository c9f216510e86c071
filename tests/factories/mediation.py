# SPDX-License-Identifier: EUPL-1.2
"""Mediators, accounts of hours, requests."""

from datetime import date, time, timedelta
from typing import Any

import factory

from actions.enums import MediationRequestKind
from actions.models import RequestKind
from fami_portal.core import clock
from fami_portal.core.services import acting
from mediation.enums import AccountUse, Intervention, LanguageLevel, Mode, MovementKind, RequestState
from mediation.models import (
    HourAccount,
    HourMovement,
    MediationRequest,
    Mediator,
    MediatorLanguage,
    MediatorTerritory,
    RequestLanguage,
    RequestSlot,
    WeeklyAvailability,
)
from tests.factories.actions import ProgrammeFactory
from tests.factories.base import PortalFactory
from tests.factories.partners import LanguageFactory, NetworkFactory, OrganisationFactory


class RequestKindFactory(PortalFactory):
    """A.1 offered by a programme, with the default settings."""

    class Meta:
        model = RequestKind
        django_get_or_create = ("programme", "kind")

    programme = factory.SubFactory(ProgrammeFactory)
    kind = MediationRequestKind.SCHOOL
    settings = factory.LazyFunction(dict)


class MediatorFactory(PortalFactory):
    """A mediator who may be asked at any hour of any day, in person, by phone, by video."""

    class Meta:
        model = Mediator

    organisation = factory.SubFactory(OrganisationFactory)
    given_name = factory.Sequence(lambda n: f"Nome{n}")
    family_name = factory.Sequence(lambda n: f"Cognome{n}")
    modes = factory.LazyFunction(lambda: [mode.value for mode in Mode])
    confidentiality_signed_on = date(2019, 1, 1)
    travel_buffer = 30


class MediatorLanguageFactory(PortalFactory):
    """A mother tongue."""

    class Meta:
        model = MediatorLanguage

    mediator = factory.SubFactory(MediatorFactory)
    language = factory.SubFactory(LanguageFactory)
    level = LanguageLevel.MOTHER_TONGUE


class MediatorTerritoryFactory(PortalFactory):
    """The province of Torino."""

    class Meta:
        model = MediatorTerritory

    mediator = factory.SubFactory(MediatorFactory)
    province = "TO"


class WeeklyAvailabilityFactory(PortalFactory):
    """One stretch of one weekday."""

    class Meta:
        model = WeeklyAvailability


class HourAccountFactory(PortalFactory):
    """The common pool of a network for A.1, with its hours granted (`minutes`, ten hours unless told)."""

    class Meta:
        model = HourAccount

    programme = factory.SubFactory(ProgrammeFactory)
    network = factory.SubFactory(NetworkFactory)
    kind = MediationRequestKind.SCHOOL
    use = AccountUse.ON_CALL
    starts_on = date(2018, 9, 1)
    ends_on = date(2030, 8, 31)
    minutes = 600

    @classmethod
    def _create(cls, model_class: type, *args: Any, minutes: int = 600, **kwargs: Any) -> Any:
        account = super()._create(model_class, *args, **kwargs)
        if minutes:
            with acting(None):
                HourMovement.objects.create(
                    account=account,
                    kind=MovementKind.GRANT,
                    minutes=minutes,
                    granted_change=minutes,
                    reason="Assegnazione iniziale",
                    at=clock.now(),
                )
            account.refresh_from_db()
        return account


class MediationRequestFactory(PortalFactory):
    """A complete draft of A.1 for one hour, in eight days; give `language` to ask for one."""

    class Meta:
        model = MediationRequest

    kind = MediationRequestKind.SCHOOL
    programme = factory.SubFactory(ProgrammeFactory)
    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    state = RequestState.DRAFT
    contact_name = "Maria Prova"
    contact_role = "Referente intercultura"
    contact_email = "referente@scuola.example"
    contact_phone = "011 000000"
    field_contact_name = "Anna Prova"
    field_contact_role = "Docente"
    field_contact_email = "docente@scuola.example"
    interventions = factory.LazyFunction(lambda: [Intervention.FAMILY_TALK.value])
    reason = "Colloquio di metà anno con la famiglia."
    mode = Mode.IN_PERSON
    place = "Sede centrale"
    minutes_asked = 60
    operator_present = True
    family_informed_on = date(2019, 1, 10)
    notice_version = "2018/1"
    case_code = "AL-7F3K"
    school_class = "2B"

    @factory.post_generation
    def language(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Ask for one language."""
        with acting(None):
            RequestLanguage.objects.create(request=self, language=extracted or LanguageFactory())

    @factory.post_generation
    def slot(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Propose one time: (day, from, until), or in eight days from 10 to 11."""
        day, start, end = extracted or (clock.today() + timedelta(days=8), time(10), time(11))
        with acting(None):
            RequestSlot.objects.create(request=self, position=0, day=day, starts_at=start, ends_at=end)
