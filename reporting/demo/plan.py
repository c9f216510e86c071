# SPDX-License-Identifier: EUPL-1.2
"""What happens in the demonstration's school year, as plain values drawn from one seed: the same at every run."""

import random
from dataclasses import replace
from datetime import date, time, timedelta

from partners.enums import PUBLIC_KINDS, OrganisationKind
from reporting.demo.plan_information import information
from reporting.demo.plan_values import (
    QUARTERS,
    SEED,
    YEAR_END,
    YEAR_START,
    ActivityPlan,
    MeetingPlan,
    days_between,
    lab_meetings,
    people,
)
from reporting.demo.world import ASSOCIATIONS, ENDED_LAB, ENDED_ON, INFORMAL_GROUPS, NETWORKS, NetworkPlan


def activities() -> list[ActivityPlan]:
    """Return the whole school year."""
    draw = random.Random(SEED)  # noqa: S311  demonstration data, not a secret
    found: list[ActivityPlan] = []
    for network in NETWORKS:
        found += {"01": _schools, "02": _services, "04": _participation}[network.action](network, draw)
    return [_shortened(what) for what in found] + list(information())


def _shortened(what: ActivityPlan) -> ActivityPlan:
    """Let one lab end before the others."""
    if what.title != ENDED_LAB:
        return what
    meetings = tuple(meeting for meeting in what.meetings if meeting.day <= ENDED_ON)
    return replace(what, ends_on=ENDED_ON, meetings=meetings)


L2_TOPICS = (
    "Ascolto e parlato",
    "Lettura",
    "Scrittura",
    "Lessico della scuola",
    "Italiano per studiare",
    "Giochi di lingua",
)
INCLUSION_TOPICS = (
    "Conoscersi",
    "Storie di viaggio",
    "Teatro",
    "Musica e canto",
    "La mappa del quartiere",
    "Cucina dal mondo",
)


PATH_TOPICS = (
    "Sanità e medico di famiglia",
    "Casa e affitto",
    "Lavoro e contratti",
    "Scuola dei figli",
    "SPID e servizi digitali",
)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isalpha()).upper()


def _schools(network: NetworkPlan, draw: random.Random) -> list[ActivityPlan]:
    """Action 1: a language lab in each school, an inclusion lab in every second one, families, mediation, guidance."""
    private = [body for body in network.bodies if body.kind != OrganisationKind.SCHOOL]
    found = []
    for index, school in enumerate(body for body in network.bodies if body.kind == OrganisationKind.SCHOOL):
        keeper = private[index % len(private)]
        short = _initials(_short(school.name))
        found.append(
            ActivityPlan(
                network.code,
                keeper.name,
                "LAB-L2",
                f"Laboratorio di italiano L2 - {_short(school.name)}",
                YEAR_START,
                YEAR_END,
                venue=school.name,
                town=school.town,
                meetings=lab_meetings(draw, time(14, 30), time(16, 30), 14, L2_TOPICS),
                people=people(draw, f"{short}{index}L", "ALUNNI-CPT", draw.randint(14, 18), (5, 15)),
            )
        )
        if index % 2 == 0:
            found.append(
                ActivityPlan(
                    network.code,
                    keeper.name,
                    "LAB-INCLUSIONE",
                    f"Laboratorio interculturale - {_short(school.name)}",
                    YEAR_START,
                    YEAR_END,
                    venue=school.name,
                    town=school.town,
                    meetings=lab_meetings(draw, time(16, 30), time(18, 0), 21, INCLUSION_TOPICS),
                    people=people(draw, f"{short}{index}M", "ALUNNI-BM", draw.randint(10, 14), (5, 15), "IT"),
                )
            )
        found.append(
            ActivityPlan(
                network.code,
                school.name,
                "FAMIGLIE",
                f"Incontri con le famiglie - {_short(school.name)}",
                YEAR_START,
                YEAR_END,
                town=school.town,
                meetings=tuple(
                    MeetingPlan(
                        start + timedelta(days=20 + index),
                        time(17, 0),
                        time(18, 30),
                        "Scuola e famiglia",
                        draw.randint(8, 26),
                    )
                    for start, _end in QUARTERS
                ),
            )
        )
    lead = private[0]
    found.append(
        ActivityPlan(
            network.code,
            lead.name,
            "MEDIAZIONE-SCUOLE",
            f"Mediazione interculturale programmata - {network.name}",
            YEAR_START,
            YEAR_END,
            town=lead.town,
            meetings=tuple(
                MeetingPlan(day, time(9, 0), time(11, 0), "Colloqui scuola-famiglia")
                for day in days_between(YEAR_START + timedelta(days=16), YEAR_END, step=28)
            ),
        )
    )
    return found


def _services(network: NetworkPlan, draw: random.Random) -> list[ActivityPlan]:
    """Action 2: tables, mediation, individual supports, simplified forms, accompaniment to housing."""
    public = [body for body in network.bodies if body.kind in PUBLIC_KINDS]
    private = [body for body in network.bodies if body.kind not in PUBLIC_KINDS]
    lead = public[0]
    found = [
        ActivityPlan(
            network.code,
            lead.name,
            "GRUPPI-LAVORO",
            f"Tavolo dei servizi - {network.name}",
            YEAR_START,
            YEAR_END,
            town=lead.town,
            meetings=tuple(
                MeetingPlan(day, time(10, 0), time(12, 0), "Operatori e mediatori dei servizi", draw.randint(9, 19))
                for day in days_between(YEAR_START + timedelta(days=9), YEAR_END, step=28)
            ),
        ),
        ActivityPlan(
            network.code,
            lead.name,
            "MODULISTICA",
            f"Moduli semplificati - {network.name}",
            YEAR_START,
            YEAR_END,
            deliverables=(
                ("Modulo di accesso al servizio sociale in italiano semplice", date(2018, 12, 10), 1),
                ("Guida all'iscrizione anagrafica in cinque lingue", date(2019, 2, 20), 1),
                ("Scheda di accoglienza allo sportello", date(2019, 5, 15), 1),
            ),
        ),
    ]
    for index, body in enumerate(private):
        kind, title = (
            ("MEDIAZIONE-CHIAMATA", "Mediazione a supporto dei servizi")
            if index % 2 == 0
            else ("MEDIAZIONE-COMUNITA", "Mediazione di comunità")
        )
        found.append(
            ActivityPlan(
                network.code,
                body.name,
                kind,
                f"{title} - {body.town}",
                YEAR_START,
                YEAR_END,
                town=body.town,
                meetings=tuple(
                    MeetingPlan(day, time(9, 30), time(12, 30), "Presenza concordata con il servizio")
                    for day in days_between(YEAR_START + timedelta(days=11 + index), YEAR_END, step=14)
                ),
            )
        )
        found.append(
            ActivityPlan(
                network.code,
                body.name,
                "ABITARE",
                f"Accompagnamento all'abitare - {body.town}",
                YEAR_START,
                YEAR_END,
                town=body.town,
                meetings=tuple(
                    MeetingPlan(day, time(14, 0), time(18, 0), "Colloqui individuali")
                    for day in days_between(YEAR_START + timedelta(days=8), YEAR_END, step=21)
                ),
                people=people(draw, f"{_initials(body.name)}{index}S", "CPT", draw.randint(8, 13), (18, 66)),
            )
        )
    return found


def _participation(network: NetworkPlan, draw: random.Random) -> list[ActivityPlan]:
    """Action 4: information meetings where associations are counted, each once."""
    towns = {
        "ATS-4-OC": ("Torino", "Cuneo", "Alba", "Moncalieri"),
        "ATS-4-OR": ("Novara", "Vercelli", "Biella", "Alessandria"),
    }
    near = [name for name, town in ASSOCIATIONS if town in towns[network.code]]
    near += [pair.split(" @ ")[0] for pair in INFORMAL_GROUPS] if network.code == "ATS-4-OC" else []
    topics = (
        "Fondare un'associazione",
        "Il Terzo settore in pratica",
        "Bandi e progetti",
        "Parlare con il Comune",
        "Cittadinanza",
    )
    found = []
    for index, body in enumerate(body for body in network.bodies if body.kind not in PUBLIC_KINDS):
        days = days_between(YEAR_START + timedelta(days=25 + 6 * index), date(2019, 6, 10), step=42)
        found.append(
            ActivityPlan(
                network.code,
                body.name,
                "INCONTRI-ASSOCIAZIONI",
                f"Incontri con le associazioni - {body.town}",
                YEAR_START,
                date(2019, 6, 30),
                town=body.town,
                meetings=tuple(
                    MeetingPlan(
                        day,
                        time(18, 0),
                        time(20, 0),
                        topics[number % len(topics)],
                        bodies=tuple(sorted(draw.sample(near, k=min(3, len(near))))),
                    )
                    for number, day in enumerate(days)
                ),
            )
        )
        for number, title in enumerate(("Percorso sui servizi del territorio", "Percorso di cittadinanza attiva")):
            found.append(
                ActivityPlan(
                    network.code,
                    body.name,
                    "PERCORSI-INFORMATIVI",
                    f"{title} - {body.town}",
                    YEAR_START,
                    date(2019, 6, 30),
                    town=body.town,
                    meetings=lab_meetings(draw, time(18, 30), time(20, 30), 14, PATH_TOPICS),
                    people=people(
                        draw, f"{_initials(body.name)}{index}{number}P", "CPT", draw.randint(16, 22), (18, 66)
                    ),
                )
            )
    return found


def _short(name: str) -> str:
    return name.removeprefix("Istituto comprensivo ")
