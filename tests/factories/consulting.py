# SPDX-License-Identifier: EUPL-1.2
"""Consultations, legal questions, translations and presences, as the acts on them leave them."""

from datetime import datetime, time, timedelta

import factory
from django.utils import timezone

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.documents import check_document, store_document
from fami_portal.core.services import acting
from mediation.enums import (
    AgeRange,
    ConsultationSessionKind,
    ConsultationState,
    GeographicArea,
    LegalArea,
    LegalQuestionState,
    TranslationState,
)
from mediation.models import CommunityPresence, Consultation, ConsultationSession, LegalQuestion, Translation
from mediation.selectors.translations import DOCUMENT
from tests.factories.base import PortalFactory
from tests.factories.mediation import HourAccountFactory, MediatorFactory
from tests.factories.partners import LanguageFactory, UserFactory

PDF = b"%PDF-1.4\n%%EOF\n"


def _account(kind: str) -> factory.SubFactory:
    return factory.SubFactory(
        HourAccountFactory,
        programme=factory.SelfAttribute("..programme"),
        network=factory.SelfAttribute("..network"),
        kind=kind,
    )


class ConsultationFactory(PortalFactory):
    """A referral that waits for its clinician; give programme, network, body, and the clinician."""

    class Meta:
        model = Consultation

    state = ConsultationState.REFERRED
    number = factory.Sequence(lambda n: f"A5-T-{n}")
    case_code = "CASO-1"
    age_range = AgeRange.PUPIL
    language = factory.SubFactory(LanguageFactory)
    area = GeographicArea.NORTH_AFRICA
    question = "Come leggere la situazione?"
    consent_given = True
    consent_on = factory.LazyFunction(clock.today)
    created_at = submitted_at = factory.LazyFunction(clock.now)


class ConsultationSessionFactory(PortalFactory):
    """A session of assessment of today; give the consultation."""

    class Meta:
        model = ConsultationSession

    kind = ConsultationSessionKind.ASSESSMENT
    held_on = factory.LazyFunction(clock.today)
    minutes = 60
    recorded_at = factory.LazyFunction(clock.now)


class LegalQuestionFactory(PortalFactory):
    """A question assigned to a consultant; give programme, network and body."""

    class Meta:
        model = LegalQuestion

    state = LegalQuestionState.ASSIGNED
    number = factory.Sequence(lambda n: f"QL-T-{n}")
    area = LegalArea.WORK
    title = "Domanda di prova"
    question = "Si può lavorare con questo permesso?"
    consultant = factory.SubFactory(UserFactory)
    created_at = submitted_at = assigned_at = factory.LazyFunction(clock.now)


class PublishedAnswerFactory(LegalQuestionFactory):
    """An answer in the archive."""

    state = LegalQuestionState.PUBLISHED
    answer = "Sì."
    archive_title = archive_question = archive_answer = "Testo dell’archivio"
    answered_at = accepted_at = reviewed_at = published_at = factory.LazyFunction(clock.now)


class TranslationFactory(PortalFactory):
    """A file assigned to a translator; give programme, network, body and activity."""

    class Meta:
        model = Translation

    state = TranslationState.ASSIGNED
    number = factory.Sequence(lambda n: f"TR-T-{n}")
    account = _account(MediationRequestKind.TRANSLATION)
    title = "Avviso di prova"
    source_language = factory.SubFactory(LanguageFactory, code="it", name="italiano")
    target_language = factory.SubFactory(LanguageFactory, code="fr", name="francese")
    pages = 2
    minutes_asked = 60
    due_on = factory.LazyFunction(clock.today)
    mediator = factory.SubFactory(MediatorFactory)
    created_at = submitted_at = assigned_at = factory.LazyFunction(clock.now)

    @factory.lazy_attribute
    def original(self):  # type: ignore[no-untyped-def]
        with acting(None):
            checked = check_document(kind=DOCUMENT, name="avviso.pdf", content=PDF)
            return store_document(kind=DOCUMENT, name="avviso.pdf", content=checked, by=None)


class CommunityPresenceFactory(PortalFactory):
    """A presence planned in forty days at six; give programme, network and activity."""

    class Meta:
        model = CommunityPresence

    account = _account(MediationRequestKind.COMMUNITY)
    mediator = factory.SubFactory(MediatorFactory)
    place = "Giardini pubblici"
    planned_from = factory.LazyFunction(
        lambda: timezone.make_aware(datetime.combine(clock.today() + timedelta(days=40), time(6)))
    )
    planned_until = factory.LazyAttribute(lambda row: row.planned_from + timedelta(hours=1))
    busy_from = factory.SelfAttribute("planned_from")
    busy_until = factory.SelfAttribute("planned_until")
