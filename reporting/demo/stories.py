# SPDX-License-Identifier: EUPL-1.2
"""How far each activity report goes in the demonstration, and what it says."""

from dataclasses import dataclass, field
from typing import Any

from reporting.demo import world
from reporting.models import ActivityReport

# The body whose report of the first quarter was validated only after transmission.
LATE = "Cooperativa sociale Orto e Pane"
# A body that never filed in the second quarter: the period is closed with a gap that the report names.
SILENT = "Istituto comprensivo Il Noce - Canelli"

DONE = (
    "Gli incontri previsti si sono svolti secondo il calendario. I gruppi sono stati formati con le scuole e i servizi, "
    "i registri sono completi e le famiglie hanno ricevuto l'informativa."
)
STRENGTHS = "La collaborazione con gli insegnanti ha permesso di inserire presto chi è arrivato durante l'anno."
PROBLEMS = "Alcuni ritardi nell'avvio per la disponibilità delle aule (origine: contesto); risolti spostando il giorno."
BUILT = "Due nuove associazioni hanno partecipato agli incontri della rete."

RETURN_COMMENT = (
    "Nel racconto manca l'origine dei problemi indicati. Precisa anche quanti incontri sono stati spostati e perché."
)
# What the coordinator asks about single items of the report that comes back; the first is answered already.
COMMENTS = (
    ("box:problems", "Quanti incontri sono stati spostati, e in quali scuole?"),
    ("box:team_changes", "Il riquadro è vuoto: scrivi almeno che non ci sono variazioni."),
)
ANSWER = "Sono stati spostati due incontri del laboratorio del pomeriggio; il testo ora lo dice."
EXTENSION_REASON = "Assenza del personale amministrativo fino a metà luglio: l'ente ha chiesto due settimane."
MERGED_COMMENT = "I testi degli enti sono accostati: riassumi in una pagina che cosa ha fatto la rete nel suo insieme."
REOPEN_REASON = "Due presenze di marzo erano state segnate nel laboratorio sbagliato: vanno corrette nel registro."


@dataclass(frozen=True)
class Story:
    """The acts of one report, each with its comment, and the narrative written before them."""

    acts: tuple[tuple[str, str], ...] = ()
    narrative: dict[str, Any] = field(default_factory=dict)


def _narrative() -> dict[str, Any]:
    return {
        "done": DONE,
        "strengths": STRENGTHS,
        "deviations": "",
        "problems": PROBLEMS,
        "problem_origins": ["context"],
        "team_changes": "",
        "networks_built": BUILT,
    }


SUBMIT, VALIDATE = ("submit", ""), ("validate", "")
# The leads of the networks whose mediation goes on in the open quarter: nothing could be recorded once it is closed.
STILL_MEDIATING = ("Consorzio dei servizi sociali Dora Verde", "Istituto comprensivo La Quercia - Moncalieri")


def stories_of(report: ActivityReport, number: int, period: str) -> Story:
    """Return the story of a report: nearly all validated in the closed quarters, every state in the open one."""
    name = report.organisation.name
    if period == world.CLOSED_PERIODS[0]:
        if name == LATE:
            return Story((SUBMIT,), _narrative())
        if number == 5:
            return Story((SUBMIT, ("return", RETURN_COMMENT), SUBMIT, VALIDATE), _narrative())
        return Story((SUBMIT, VALIDATE), _narrative())
    if period == world.CLOSED_PERIODS[1]:
        if name == SILENT:
            return Story()
        if number == 31:
            return Story((SUBMIT, VALIDATE, ("reopen", REOPEN_REASON)), _narrative())
        return Story((SUBMIT, VALIDATE), _narrative())
    # The open quarter: the demo partners still have to file; the others are on their way.
    if name in (world.BEHIND, "IRES Piemonte", "Associazione di promozione sociale Rete di Piazza"):
        return Story()
    if name in STILL_MEDIATING:
        return Story()
    if number == 2:
        acts = (SUBMIT, ("comment", ""), ("return", RETURN_COMMENT), ("answer", ANSWER))
        return Story(acts, _narrative())
    if number == 4:
        return Story((("extend", EXTENSION_REASON),))
    if number % 3 == 0:
        return Story((SUBMIT,), _narrative())
    if number % 7 == 1:
        return Story((SUBMIT, VALIDATE), _narrative())
    return Story()
