# SPDX-License-Identifier: EUPL-1.2
"""Written translations of the demonstration: one waits for a translator, one is in work, one was returned and validated.

No official definition has this form. The demonstration adds it to the definition of LAB'IMPACT and loads that: the same
act by which a programme would offer it, told in the register of events. The files in `definitions/` stay what the
documents say; whoever loads the official one again takes the offer back, and what was translated stays.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

import typst
from django.conf import settings

from accounts.models import User
from actions.definition.loading import read_definition
from actions.enums import MediationRequestKind
from actions.models import Programme
from actions.services.definitions import load_definition
from fami_portal.core.documents import CheckedFile, check_document
from fami_portal.core.enums import FilePurpose
from mediation.models import Mediator, Translation
from mediation.rendering.annexes import fonts
from mediation.selectors.translations import DOCUMENT
from mediation.services import hour_accounts
from mediation.services import translations as services
from mediation.services.openings import record_opening
from partners.models import Language, Network, Organisation
from reporting.demo import ambito
from reporting.demo.consultations import FRIDAY, MONDAY, THURSDAY, TUESDAY, WEDNESDAY, on
from reporting.demo.mediation_stories import local

DEFINITION = "labimpact.yaml"
# As language facilitation, it belongs to the activity of mediation in the schools.
FORM = {
    "kind": str(MediationRequestKind.TRANSLATION),
    "settings": {"activity_type": "MEDIAZIONE-SCUOLE", "minutes_per_page": 40},
}
HOURS = 30
ASSEMBLY = (
    "Assemblea dei genitori: le famiglie delle classi prime sono invitate giovedì alle 17.30 nell’aula magna. "
    "Si parlerà di orario, mensa e uscite. I bambini possono venire."
)
ASSEMBLY_IN_FRENCH = (
    "Réunion des parents : les familles des classes de première année sont invitées jeudi à 17 h 30 dans la grande "
    "salle. On parlera des horaires, de la cantine et des sorties. Les enfants peuvent venir."
)
CANTEEN = "Mensa: entro fine mese le famiglie scrivono alla segreteria se serve un menù diverso, e per quale motivo."
DESK = "Segretariato sociale: lo sportello riceve il martedì e il giovedì dalle 9 alle 12. Il servizio è gratuito."


def written_translations() -> None:
    """Offer the form, grant the hours of the Ambito, and let school, service, coordinator and mediator do their parts."""
    offer()
    scene = Scene()
    scene.validated()
    scene.in_work()
    scene.asked()


def offer() -> None:
    """Load the official definition with one request form more."""
    official = read_definition(settings.BASE_DIR / "definitions" / DEFINITION)
    forms = [*official.rows("request_forms"), FORM]
    load_definition(definition=replace(official, data={**official.data, "request_forms": forms}), by=None)


class Scene:
    """The people and the places of the stage."""

    def __init__(self) -> None:
        self.programme = Programme.objects.get(slug=ambito.PROGRAMME)
        self.network = Network.objects.get(code=ambito.CODE)
        self.school, self.service = (
            Organisation.objects.get(name=body.name) for body in (ambito.SCHOOL, ambito.SERVICE)
        )
        # The contact of the school was given an account with the language facilitation.
        self.contact, self.operator = ambito.user("alzaia"), ambito.user("servizi")
        self.coordinator = ambito.user("rete.servizi")
        self.translator = Mediator.objects.select_related("user").get(user=ambito.user("mediatrice"))
        since = self.programme.starts_on + timedelta(days=30)
        hour_accounts.open_account(
            programme=self.programme,
            network=self.network,
            kind=MediationRequestKind.TRANSLATION,
            starts_on=since,
            ends_on=self.programme.ends_on,
            by=None,
            at=local(since, time(12)),
            minutes=HOURS * 60,
            reason="Assegnazione all’Ambito",
        )

    def validated(self) -> None:
        """Returned, accepted by the school and validated: it took less than its pages had let expect."""
        found = self._asked(self.school, self.contact, on(-5, MONDAY), "Avviso dell’assemblea", "fr", 3, ASSEMBLY)
        self._assign(found, on(-5, TUESDAY))
        services.return_file(
            translation=found,
            file=_file("avviso-assemblea-francese.pdf", ASSEMBLY_IN_FRENCH, "fr"),
            minutes=100,
            by=self.translator.user,
            at=on(-5, FRIDAY),
        )
        services.accept(translation=found, by=self.contact, at=on(-4, MONDAY))
        services.validate(translation=found, by=self.coordinator, at=on(-4, WEDNESDAY))

    def in_work(self) -> None:
        """With the mediator, who has not returned it yet."""
        found = self._asked(self.school, self.contact, on(-1, TUESDAY), "Avviso sulla mensa", "ar", 2, CANTEEN)
        self._assign(found, on(-1, WEDNESDAY))

    def asked(self) -> None:
        """Of the service, for the coordinator to assign."""
        self._asked(self.service, self.operator, on(-1, THURSDAY), "Orari del segretariato sociale", "fr", 1, DESK)

    def _asked(
        self, body: Organisation, by: User, at: datetime, title: str, language: str, pages: int, text: str
    ) -> Translation:
        found = services.start_translation(
            programme=self.programme,
            network=self.network,
            organisation=body,
            values={
                "title": title,
                "source_language": Language.objects.get(code="it"),
                "target_language": Language.objects.get(code=language),
                "pages": pages,
                "due_on": at.date() + timedelta(days=20),
                "note": "",
            },
            file=_file("da-tradurre.pdf", text, "it"),
            by=by,
            at=at,
        )
        services.submit(translation=found, by=by, at=at + timedelta(minutes=5))
        return found

    def _assign(self, translation: Translation, at: datetime) -> None:
        services.assign(translation=translation, mediator=self.translator, by=self.coordinator, at=at)
        # Who translates reads the file; who looks after the data sees that it was opened.
        original, reason = (
            Translation.objects.select_related("original").get(pk=translation.pk).original,
            FilePurpose.CASE,
        )
        record_opening(
            by=self.translator.user,
            document=original,  # type: ignore[arg-type]  nothing is assigned without a file
            purpose=str(reason.label),
            at=at + timedelta(hours=2),
        )


def _file(name: str, text: str, language: str) -> CheckedFile:
    """Write a page with a text, as a body or a translator would send it."""
    source = f'#set document(title: "{name}", date: none)\n#set text(lang: "{language}", font: "Titillium Web", size: 14pt)\n{text}\n'
    page = typst.compile(source.encode(), font_paths=[fonts()], ignore_system_fonts=True)
    return check_document(kind=DOCUMENT, name=name, content=bytes(page))
