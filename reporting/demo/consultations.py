# SPDX-License-Identifier: EUPL-1.2
"""Consultations, legal questions and community presences of the demonstration, through the services.

The first two belong to LAB'IMPACT, whose territory here is an invented Ambito; the presences belong to the regional
programme. Every act falls in an earlier week than the present one, so that nothing is done in the future.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from actions.models import Programme
from fami_portal.core import clock
from mediation.enums import AgeRange, ConsultationOutcome, GeographicArea, LegalArea
from mediation.models import Consultation, LegalQuestion, Mediator
from mediation.services import community, consultation_sessions, consultations, legal
from partners.models import Language, Network
from reporting.demo import ambito, world
from reporting.demo.mediation_stories import local, programme

# Weekdays as they are counted in a week.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(6)


def consultations_and_questions() -> None:
    """Let the Ambito refer cases and ask questions, and the mediator be present in a neighbourhood."""
    scene = Scene()
    scene.consult()
    scene.ask()
    scene.be_present()


def on(week: int, weekday: int, hour: int = 10) -> datetime:
    """Return a moment some weeks before (or after) the present week, at an Italian hour."""
    return local(_day(week, weekday), time(hour))


def _day(week: int, weekday: int) -> date:
    today = clock.today()
    return today + timedelta(weeks=week, days=weekday - today.weekday())


@dataclass(frozen=True)
class Referral:
    """What a service writes when it refers, without anything of the person."""

    code: str
    age_range: str
    language: str
    area: str
    question: str


REFERRALS = {
    "closed": Referral(
        "CASO-04",
        AgeRange.TEENAGER,
        "ar",
        GeographicArea.NORTH_AFRICA,
        "La comunità educativa chiede come leggere i silenzi del ragazzo e come parlarne con i genitori.",
    ),
    "assessed": Referral(
        "CASO-09",
        AgeRange.FAMILY,
        "wo",
        GeographicArea.WEST_AFRICA,
        "Il servizio vuole capire quale significato ha per i genitori il sostegno educativo che è stato proposto.",
    ),
    "referred": Referral(
        "CASO-12",
        AgeRange.PUPIL,
        "zh",
        GeographicArea.EAST_ASIA,
        "La scuola e il servizio chiedono come accompagnare il ricongiungimento dopo anni vissuti con i nonni.",
    ),
}


class Scene:
    """The people and the places of the stage."""

    def __init__(self) -> None:
        self.programme = Programme.objects.get(slug=ambito.PROGRAMME)
        self.network, self.service = ambito.prepare(self.programme)
        self.operator, self.desk = ambito.user("servizi"), ambito.user("sportello")
        self.coordinator, self.consultant = ambito.user("rete.servizi"), ambito.user("consulente")

    def _where(self, by: User, at: datetime) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "network": self.network,
            "organisation": self.service,
            "by": by,
            "at": at,
        }

    # --- consultations -----------------------------------------------------------------------------------------------

    def consult(self) -> None:
        """One consultation is closed, one is being assessed, one waits for the answer of the clinician."""
        closed = self._accepted("closed", -12)
        self._assess(closed, (-11, -10, -9))
        at = on(-8, TUESDAY, 18)
        consultation_sessions.give_back(
            consultation=closed,
            held_on=at.date(),
            minutes=90,
            text="Si propone un incontro con i genitori e la mediatrice, con domande aperte e tempi distesi.",
            with_mediator=True,
            by=self.consultant,
            at=at,
        )
        consultation_sessions.close(
            consultation=closed, outcome=ConsultationOutcome.CONCLUDED, by=self.consultant, at=on(-8, FRIDAY)
        )
        self._assess(self._accepted("assessed", -4), (-3, -2))
        self._referred("referred", on(-1, THURSDAY))

    def _referred(self, key: str, at: datetime) -> Consultation:
        case = REFERRALS[key]
        values = {
            "contact_name": "Assistente sociale",
            "contact_email": f"servizi{world.DOMAIN}",
            "case_code": case.code,
            "age_range": case.age_range,
            "language": Language.objects.get(code=case.language),
            "area": case.area,
            "question": case.question,
            "services_involved": "Tutela minori",
            "consent_given": True,
            "consent_on": at.date() - timedelta(days=3),
            "availability": "Il martedì pomeriggio o il giovedì mattina.",
        }
        found = consultations.start_referral(values=values, **self._where(self.operator, at))
        consultations.refer(consultation=found, by=self.operator, at=at)
        later = at + timedelta(hours=3)
        consultations.assign(consultation=found, consultant=self.consultant, by=self.coordinator, at=later)
        return found

    def _accepted(self, key: str, week: int) -> Consultation:
        found = self._referred(key, on(week, MONDAY))
        consultations.accept(consultation=found, minutes=420, by=self.consultant, at=on(week, WEDNESDAY))
        return found

    def _assess(self, consultation: Consultation, weeks: tuple[int, ...]) -> None:
        for week in weeks:
            at = on(week, TUESDAY, 18)
            consultation_sessions.record_assessment(
                consultation=consultation,
                held_on=at.date(),
                minutes=90,
                professionals=2,
                with_mediator=True,
                by=self.consultant,
                at=at,
            )

    # --- legal questions ---------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """One question waits for a consultant, one for a clarification, one is answered, one is in the archive."""
        self._question(
            on(-1, FRIDAY),
            LegalArea.HOUSING,
            "Residenza e ospitalità",
            "Una famiglia ospitata da parenti può chiedere l’iscrizione anagrafica senza un contratto a suo nome?",
        )
        unclear = self._assigned(
            on(-2, MONDAY),
            LegalArea.FAMILY_REUNIFICATION,
            "Ricongiungimento e reddito",
            "Il reddito di un familiare convivente si può sommare a quello di chi chiede il ricongiungimento?",
        )
        text = "In quale grado di parentela è il familiare?"
        legal.ask_to_clarify(question=unclear, text=text, by=self.consultant, at=on(-2, THURSDAY))
        self._answered(
            on(-3, MONDAY),
            LegalArea.MINORS,
            "Iscrizione a scuola in corso d’anno",
            "La scuola può chiedere il permesso di soggiorno per iscrivere un minore in corso d’anno?",
            "No: il minore ha diritto all’istruzione quale che sia la sua posizione, e si iscrive in ogni momento.",
        )
        self._publish()

    def _question(self, at: datetime, area: str, title: str, text: str) -> LegalQuestion:
        values = {"area": area, "title": title, "question": text}
        found = legal.start_question(values=values, **self._where(self.desk, at))
        legal.ask(question=found, by=self.desk, at=at, no_names=True)
        return found

    def _assigned(self, at: datetime, area: str, title: str, text: str) -> LegalQuestion:
        found = self._question(at, area, title, text)
        legal.assign(question=found, consultant=self.consultant, by=self.coordinator, at=at + timedelta(hours=4))
        return found

    def _answered(self, at: datetime, area: str, title: str, text: str, answer: str) -> LegalQuestion:
        found = self._assigned(at, area, title, text)
        legal.answer(question=found, text=answer, by=self.consultant, at=at + timedelta(days=3))
        return found

    def _publish(self) -> None:
        asked = "Chi ha un permesso per studio può passare a un permesso per lavoro prima della scadenza?"
        answer = "Sì, con un contratto e nei limiti delle quote: la domanda si presenta prima della scadenza."
        title = "Conversione del permesso per studio"
        found = self._answered(on(-7, MONDAY), LegalArea.RESIDENCE_PERMIT, title, asked, answer)
        legal.accept(question=found, by=self.desk, at=on(-7, FRIDAY))
        found.refresh_from_db()
        legal.review_for_archive(
            question=found,
            values={"archive_title": title, "archive_question": asked, "archive_answer": answer},
            version=found.version,
            by=self.consultant,
            at=on(-6, TUESDAY),
            no_names=True,
        )
        legal.publish(question=found, by=self.coordinator, at=on(-6, WEDNESDAY))

    # --- community presences -----------------------------------------------------------------------------------------

    def be_present(self) -> None:
        """Six Saturdays at the market: three were held, one of them is validated, the others are to come."""
        mediator = Mediator.objects.get(user=ambito.user("mediatrice"))
        rows = community.plan_presences(
            programme=programme(),
            network=Network.objects.get(code="ATS-2-TO"),
            mediator=mediator,
            place="Mercato di quartiere",
            day=_day(-3, SATURDAY),
            starts_at=time(10),
            ends_at=time(12),
            until=_day(2, SATURDAY),
            by=self.coordinator,
            at=on(-4, THURSDAY),
        )
        past = [row for row in rows if timezone.localdate(row.planned_from) < _day(0, MONDAY)]
        for number, row in enumerate(past):
            community.record_presence(
                presence=row,
                actual_from=row.planned_from,
                actual_until=row.planned_until,
                contacts=14 + 3 * number,
                topics="Iscrizioni a scuola, orari degli sportelli, corsi di italiano",
                by=mediator.user,
                at=row.planned_until + timedelta(hours=1),
            )
        community.validate(presence=past[0], by=self.coordinator, at=on(-2, WEDNESDAY))
