# SPDX-License-Identifier: EUPL-1.2
"""The stories of the demonstration's requests: who does what, when, until which end."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import User
from actions.enums import MediationRequestKind
from actions.models import Programme
from mediation.enums import (
    Absent,
    AuthorisationMethod,
    Mode,
    RefusalReason,
    RequestChannel,
    RequestState,
    SignatureMethod,
    Urgency,
)
from mediation.models import MediationSession
from mediation.services import assignment, reports, requests
from mediation.services import sessions as session_acts
from partners.models import Country, Language, Organisation
from reporting.demo import world
from reporting.demo.mediation_plan import Case

if TYPE_CHECKING:
    from reporting.demo.mediation import Calendar

ORIGINS = {"ary": "MA", "zh": "CN", "ro": "RO", "sq": "AL", "es": "PE", "wo": "SN", "en": "NG", "uk": "UA", "bn": "BD"}
CONTACT = "Referente intercultura"
HEAD = "Dirigente della scuola"
SUMMARIES = (
    "La famiglia ha compreso le proposte e ha fatto domande. Concordati i prossimi passi e chi li segue.",
    "Tradotti i documenti e spiegati i passaggi. La famiglia ha chiesto tempo per decidere su un punto.",
    "Il colloquio è servito a conoscersi: emersi bisogni pratici, nessuna urgenza.",
)
REASONS = (
    "Colloquio con la famiglia, che parla poco italiano: occorre capirsi su frequenza e compiti.",
    "Accordarsi sul percorso e spiegare come funziona la valutazione.",
    "La famiglia è in Italia da poco: servono le informazioni di base e un primo scambio.",
)


class Story:
    """One request from its draft to the end that its case tells."""

    def __init__(self, calendar: "Calendar", number: int, case: Case) -> None:
        self.calendar, self.number, self.case = calendar, number, case
        self.kind = MediationRequestKind.SERVICE if calendar.network.code == "ATS-2-TO" else MediationRequestKind.SCHOOL
        self.body = body_of(calendar.network.code, case.body)
        # Those with an account file themselves; the others by a link, or the coordinator for them.
        self.contact = calendar.person_of(self.body, "school_contact", "service_operator")
        self.head = calendar.person_of(self.body, "school_head")
        self.mediator = calendar.mediators.get(case.mediator)
        self.start, self.end = calendar.slot(case)
        self.request: Any = None

    def tell(self) -> Iterator[datetime]:
        """Do one act after the other; yields when the next one comes."""
        case = self.case
        fast = case.is_fast
        at = self._asked()
        yield at
        self._draft(at)
        if case.end == "draft":
            return
        requests.submit(request=self.request, by=self.contact, at=at)
        if self.request.state == RequestState.SUBMITTED:
            if case.end == "submitted":
                return
            at += timedelta(hours=2 if fast else 23)
            yield at
            self._head_answers(at)
            if case.end == "declined":
                return
        if case.end == "authorised":
            return
        if case.end == "expired":
            yield from self._expire()
            return
        at += timedelta(minutes=40 if fast else 95)
        yield at
        assignment.take_in_charge(request=self.request, by=self.calendar.coordinator, at=at)
        at += timedelta(minutes=15)
        yield at
        if case.end in _TRIAGE:
            _TRIAGE[case.end](self, at)
            if case.end == "unmet":
                yield from self._expire()
            return
        yield from self._assign(at)
        if case.end in ("proposed", "confirmed"):
            return
        yield from self._after_confirmation()

    def _asked(self) -> datetime:
        case, now = self.case, self.calendar.now
        if case.asked == 0:
            return now - timedelta(minutes=25)
        before = self.calendar.today + timedelta(days=case.asked) if case.asked else None
        day = before or timezone.localdate(self.start) - timedelta(days=2 if case.is_fast else 12)
        return min(local(day, time(8 + self.number % 4, 10 + self.number)), now - timedelta(hours=4))

    # --- the acts ----------------------------------------------------------------------------------------------------

    def _draft(self, at: datetime) -> None:
        case, calendar = self.case, self.calendar
        author = calendar.person_of(self.body, "teacher") if case.end == "draft" else None
        self.request = requests.start_draft(
            kind=self.kind,
            programme=calendar.programme,
            network=calendar.network,
            organisation=self.body,
            by=author or self.contact,
            at=at,
        )
        language = Language.objects.get(code=case.language)
        start, end = timezone.localtime(self.start), timezone.localtime(self.end)
        requests.save_draft(
            request=self.request,
            values=self._values(at, language),
            version=self.request.version,
            step=2 if case.end == "draft" else 4,
            languages=[(language, "")],
            slots=[(start.date(), start.time(), end.time())],
            by=author or self.contact,
        )

    def _values(self, at: datetime, language: Language) -> dict[str, Any]:
        case = self.case
        day = timezone.localdate(at)
        origin = Country.objects.filter(code=ORIGINS.get(case.language, "")).first()
        values: dict[str, Any] = {
            "interventions": [str(row) for row in case.what],
            "reason": REASONS[self.number % len(REASONS)],
            "mode": case.mode,
            "place": "Sede centrale",
            "municipality": self.body.municipality,
            "urgency": case.urgency,
            "urgency_reason": "Il servizio deve decidere entro la settimana." if case.urgency == Urgency.URGENT else "",
            "minutes_asked": case.minutes,
            "sessions_asked": case.sessions,
            "operator_present": True,
            "family_informed_on": day - timedelta(days=1),
            "notice_version": "2018/1",
            "field_contact_name": "Insegnante della classe" if self._is_school else "Assistente sociale",
            "field_contact_role": "Docente" if self._is_school else "Operatrice",
            "field_contact_email": f"presenza{world.DOMAIN}",
        }
        if self.contact is None:
            values |= {
                "contact_name": CONTACT,
                "contact_role": CONTACT,
                "contact_email": f"referente{world.DOMAIN}",
                "channel": RequestChannel.LINK,
            }
        if case.group:
            return values | {"is_group": True, "families": 14}
        values |= {"mother_tongue": language, "citizenship": origin, "birth_year": 2006 + self.number % 8}
        if self._is_school:
            values["school_class"] = f"{1 + self.number % 3}{'ABC'[self.number % 3]}"
        else:
            values["case_kind"] = case.case_kind
        if case.urgency == Urgency.NEW_ARRIVAL:
            values["arrived_on"] = (day - timedelta(days=45)).replace(day=1)
        return values

    @property
    def _is_school(self) -> bool:
        return self.kind == MediationRequestKind.SCHOOL

    def _head_answers(self, at: datetime) -> None:
        if self.case.end == "declined":
            comment = "Il colloquio si può tenere in italiano con l’aiuto della docente di lingua."
            requests.decline(request=self.request, comment=comment, by=self.head, at=at, on_behalf_of=HEAD)
        elif self.head is not None:
            requests.authorise(request=self.request, by=self.head, at=at)
        else:
            requests.authorise(request=self.request, by=None, at=at, method=AuthorisationMethod.LINK, name=HEAD)
        self.request.refresh_from_db()

    def _expire(self) -> Iterator[datetime]:
        at = local(timezone.localdate(self.start) + timedelta(days=1), time(6))
        yield at
        requests.expire_overdue(at=at)

    def _ask_to_complete(self, at: datetime) -> None:
        comment = "Precisa in quale lingua la famiglia legge: serve per scegliere il mediatore."
        requests.ask_to_complete(request=self.request, comment=comment, by=self.calendar.coordinator, at=at)

    def _reject(self, at: datetime) -> None:
        reason = "Per questa attività è già presente una mediatrice programmata nella stessa scuola."
        requests.reject(request=self.request, reason=reason, by=self.calendar.coordinator, at=at)

    def _mark_unmet(self, at: datetime) -> None:
        assignment.mark_unmet(request=self.request, by=self.calendar.coordinator, at=at)

    def _assign(self, at: datetime) -> Iterator[datetime]:
        """Ask the mediator, after another one who refused; one without an account was asked by phone."""
        case, coordinator, mediator = self.case, self.calendar.coordinator, self.mediator
        times = {"starts_at": self.start, "ends_at": self.end, "by": coordinator}
        if mediator is None or mediator.user is None:
            assignment.confirm_arranged(
                request=self.request,
                mediator=mediator,
                reason="Accordo preso per telefono: non ha ancora un account.",
                at=at,
                **times,
            )
            return
        if case.refused_by:
            other = self.calendar.mediators[case.refused_by]
            proposal = assignment.propose(request=self.request, mediator=other, at=at, **times)
            at += timedelta(hours=2)
            yield at
            assignment.refuse(proposal=proposal, reason=RefusalReason.BUSY, by=other.user, at=at)
            at += timedelta(minutes=30)
            yield at
        until = self.start - timedelta(hours=18) if case.end == "proposed" else None
        proposal = assignment.propose(request=self.request, mediator=mediator, at=at, expires_at=until, **times)
        if case.end == "proposed":
            return
        at += timedelta(minutes=50 if case.is_fast else 160)
        yield at
        assignment.accept(proposal=proposal, by=mediator.user, at=at)
        self._more_sessions(at)

    def _more_sessions(self, at: datetime) -> None:
        self.request.refresh_from_db()
        for number in range(1, self.case.sessions):
            week = timedelta(days=7 * number)
            session_acts.add_session(
                request=self.request,
                starts_at=shifted(self.start, week),
                ends_at=shifted(self.end, week),
                by=self.calendar.coordinator,
                at=at,
            )

    def _after_confirmation(self) -> Iterator[datetime]:
        """What happens to a confirmed request: given up, moved, not held, held with its report."""
        end, now = self.case.end, self.calendar.now
        if end in ("cancelled_in_time", "cancelled_late"):
            at = self.start - (timedelta(days=4) if end == "cancelled_in_time" else timedelta(hours=5))
            yield at
            reason = "La famiglia ha cambiato giorno di lavoro: chiederemo di nuovo."
            requests.cancel(request=self.request, reason=reason, by=self.contact, at=at)
        elif end == "rescheduled":
            at = now - timedelta(hours=20)
            yield at
            day = timedelta(days=1)
            session_acts.propose_new_time(
                session=self._sessions()[0],
                starts_at=shifted(self.start, day),
                ends_at=shifted(self.end, day),
                reason="L’aula è occupata: proponiamo il giorno dopo alla stessa ora.",
                by=self.contact,
                at=at,
            )
        elif end == "not_held":
            at = self.start + timedelta(minutes=40)
            yield at
            session_acts.mark_not_held(
                session=self._sessions()[0],
                absent=Absent.FAMILY,
                reason="La famiglia non è venuta e non ha avvisato.",
                by=self.mediator and self.mediator.user,
                at=at,
            )
        else:
            yield from self._held()

    def _sessions(self) -> list[MediationSession]:
        return list(MediationSession.objects.filter(request=self.request).order_by("position", "pk"))

    def _held(self) -> Iterator[datetime]:
        author = self.mediator and self.mediator.user
        at = self.start
        for number, session in enumerate(self._sessions()):
            until = session.planned_until + timedelta(minutes=self.case.longer)
            at = max(session.planned_until, until) + timedelta(minutes=35)
            yield at
            session.refresh_from_db()
            session_acts.record_session(
                session=session,
                actual_from=session.planned_from,
                actual_until=until,
                version=session.version,
                travel_minutes=40 if self.case.mode == Mode.IN_PERSON else 0,
                parents=9 if self.case.group else 1 + number % 2,
                pupils=0 if self.case.group else 1,
                operators=1,
                by=author,
                at=at,
            )
        yield from self._report(at, author)

    def _report(self, at: datetime, author: Any) -> Iterator[datetime]:
        end = self.case.end
        if end == "held":
            return
        at += timedelta(hours=20)
        yield at
        self.request.refresh_from_db()
        values: dict[str, Any] = {"summary": SUMMARIES[self.number % 3], "communication": 3 + self.number % 3}
        if not self._is_school:
            values["need_codes"] = ["lingua", "genitorialita"][: 1 + self.number % 2]
        reports.file_report(request=self.request, values=values, version=1, by=author, at=at)
        if end == "reported":
            return
        at += timedelta(hours=26)
        yield at
        rating = 7 + self.number % 4
        if self.contact is not None:
            reports.countersign(request=self.request, rating=rating, by=self.contact, at=at)
        else:
            reports.countersign(
                request=self.request, rating=rating, by=None, at=at, method=SignatureMethod.LINK, name=CONTACT
            )
        if end == "countersigned":
            return
        at += timedelta(hours=30)
        yield at
        reports.validate(request=self.request, by=self.calendar.coordinator, at=at)


def _nothing(story: Story, at: datetime) -> None:
    """The request stays in charge of the coordinator."""


# The ends that a request finds on the coordinator's desk.
_TRIAGE: dict[str, Callable[[Story, datetime], None]] = {
    "taken_in_charge": _nothing,
    "to_complete": Story._ask_to_complete,
    "rejected": Story._reject,
    "unmet": Story._mark_unmet,
    "assigning": Story._mark_unmet,
}


def programme() -> Programme:
    return Programme.objects.get(slug=world.PROGRAMME)


def body_of(network_code: str, name: str) -> Organisation:
    """Return a body of a network by its name, or by what its name holds."""
    members = Organisation.objects.filter(network_stays__network__code=network_code)
    return members.get(name__icontains=name)


def person_of(body: Organisation, *roles: str) -> User | None:
    return User.objects.filter(memberships__organisation=body, memberships__role__in=roles).order_by("pk").first()


def local(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def shifted(moment: datetime, by: timedelta) -> datetime:
    """The same hour on another Italian day, whatever the clocks did in between."""
    italian = timezone.localtime(moment)
    return local((italian + by).date(), italian.time())
