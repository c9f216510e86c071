# SPDX-License-Identifier: EUPL-1.2
"""Tables of the demonstration with call, minutes and decisions, held by two networks; a desk before and after."""

from collections.abc import Sequence
from datetime import date, timedelta

from actions.enums import BodyAttendance, MeetingMode, MeetingState, ProductKind, ServiceChangeKind
from actions.models import Activity, AgendaItem, Decision, Meeting, MeetingBody, MeetingCall, MeetingMinutes
from actions.selectors.activities import EVIDENCE
from actions.selectors.tables import bodies_to_call
from actions.services.deliverables import record_deliverable
from actions.services.participations import add_network
from actions.services.service_changes import Offer, record_service
from fami_portal.core.documents import store_document
from fami_portal.core.services import acting
from fami_portal.embedded import DEMO_WEEK
from partners.models import Language, Network, Organisation
from reporting.demo import world
from reporting.demo.bodies import programme

AGENDA = ("Accoglienza dei nuovi arrivi", "Orari degli sportelli", "Corsi di italiano del territorio")
MINUTES = "Gli enti si aggiornano sui nuovi arrivi e concordano gli orari degli sportelli. Il verbale è approvato dai presenti."
# What the tables decided, who does it (none: the lead of the table), how many days after the meeting it is due, and after
# how many it was done.
DECISIONS = (
    ("Mandare a tutti l’elenco aggiornato dei corsi di italiano", "", 20, 12),
    ("Aprire lo sportello un pomeriggio in più alla settimana", "Cooperativa sociale Casa Aperta", 45, None),
    ("Tradurre in arabo e cinese l’avviso degli orari", world.BEHIND, 63, None),
    ("Dire alle scuole a chi chiedere per i nuovi arrivi", world.SHARING_SCHOOL, 70, None),
)
EVIDENCE_FILE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
HELD = 3
# A network of schools sits at the table too: its coordinator sees what is decided there.
SCHOOLS = "ATS-1-TO"
# The day before the week in which the demonstration lives.
TODAY = DEMO_WEEK - timedelta(days=1)


def tables_and_services() -> None:
    """Give the first table of the services its call, minutes and decisions, a second network, a protocol; a stronger desk."""
    tables = Activity.objects.filter(programme=programme(), activity_type__code="GRUPPI-LAVORO").order_by("pk")
    table, other = tables.select_related("network", "organisation", "activity_type", "programme")[:2]
    for network in (other.network, Network.objects.get(code=SCHOOLS)):
        add_network(activity=table, network=network, since=table.starts_on, by=None)
    bodies = [body for body, _names in bodies_to_call(table, table.starts_on + timedelta(days=60))]
    held = table.meetings.filter(state=MeetingState.HELD, held_on__lte=TODAY).order_by("-held_on", "-pk")
    meetings = list(reversed(held[:HELD]))
    with acting(None):
        _papers(meetings, bodies)
        _decisions(meetings[-1], table.organisation)
    record_deliverable(
        activity=table,
        kind=ProductKind.PROTOCOL,
        title="Protocollo per l’accoglienza dei nuovi arrivi",
        delivered_on=meetings[-1].held_on,
        parties=[table.organisation, other.organisation],
        repertory_number="114/2019",
        by=None,
    )
    _desk(table)


def _papers(meetings: Sequence[Meeting], bodies: Sequence[Organisation]) -> None:
    MeetingCall.objects.bulk_create(
        MeetingCall(
            meeting=row,
            mode=MeetingMode.ONLINE,
            link="https://riunioni.demo.portale-fami.example/tavolo",
            text="Chi partecipa per la prima volta scrive alla segreteria del tavolo.",
            sent_on=row.held_on - timedelta(days=7),
        )
        for row in meetings
    )
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=row, position=number, text=point)
        for row in meetings
        for number, point in enumerate(AGENDA, start=1)
    )
    came = (BodyAttendance.PRESENT, BodyAttendance.PRESENT, BodyAttendance.JUSTIFIED, BodyAttendance.ABSENT)
    MeetingBody.objects.bulk_create(
        MeetingBody(
            meeting=row,
            organisation=body,
            attendance=(attendance := came[(number + place) % len(came)]),
            people=1 + number % 2 if attendance == BodyAttendance.PRESENT else 0,
        )
        for place, row in enumerate(meetings)
        for number, body in enumerate(bodies)
    )
    MeetingMinutes.objects.bulk_create(
        MeetingMinutes(meeting=row, text=MINUTES, approved_on=row.held_on + timedelta(days=28) if place else None)
        for place, row in enumerate(reversed(meetings))
    )


def _decisions(meeting: Meeting, lead: Organisation) -> None:
    named = {body.name: body for body in Organisation.objects.filter(name__in=[row[1] for row in DECISIONS])}
    Decision.objects.bulk_create(
        Decision(
            meeting=meeting,
            text=text,
            organisation=named.get(body, lead),
            office="" if body else "Coordinamento del tavolo",
            due_on=meeting.held_on + timedelta(days=due),
            state="open" if done is None else "done",
            done_on=None if done is None else meeting.held_on + timedelta(days=done),
        )
        for text, body, due, done in DECISIONS
    )


def _desk(table: Activity) -> None:
    forms = Activity.objects.filter(
        programme=table.programme, network=table.network, activity_type__code="MODULISTICA"
    ).order_by("pk")[0]
    proof = store_document(kind=EVIDENCE, name="nuovi-orari.pdf", content=EVIDENCE_FILE, by=None, subject_id=forms.pk)
    spoken = dict(Language.objects.filter(code__in=("ar", "zh", "fr")).values_list("code", "pk"))
    record_service(
        activity=forms,
        title="Sportello di accesso ai servizi",
        kind=ServiceChangeKind.STRENGTHENED,
        changed_on=date(2019, 2, 4),
        before=Offer(minutes=9 * 60, staff=2, sites=1, languages=[pk for code, pk in spoken.items() if code == "fr"]),
        after=Offer(minutes=15 * 60 + 30, evenings=1, staff=3, sites=2, languages=list(spoken.values())),
        evidence=proof,
        note="Un pomeriggio in più, con mediazione in arabo.",
        by=None,
    )
