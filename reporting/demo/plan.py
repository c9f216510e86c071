# SPDX-License-Identifier: EUPL-1.2
"""What happens in the demonstration's school year, as plain values drawn from one seed: the same at every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from partners.enums import PUBLIC_KINDS, OrganisationKind
from reporting.demo.world import ASSOCIATIONS, INFORMAL_GROUPS, NETWORKS, SCHOOL_YEAR, SINGLE_NETWORK, NetworkPlan

SEED = 20181001
YEAR_START, YEAR_END = SCHOOL_YEAR
# The three quarters of the school year; people join during the year, so that each quarter has new ones.
QUARTERS = (
    (date(2018, 10, 1), date(2018, 12, 31)),
    (date(2019, 1, 1), date(2019, 3, 31)),
    (date(2019, 4, 1), date(2019, 6, 30)),
)
SCHOOL_HOLIDAYS = ((date(2018, 12, 22), date(2019, 1, 6)), (date(2019, 4, 18), date(2019, 4, 28)))
# Countries of origin seen in Piemonte, in rough proportion.
CITIZENSHIPS = ("MA", "MA", "MA", "AL", "AL", "CN", "PE", "EG", "NG", "SN", "UA", "MD", "BD", "EC", "TN", "PK")


@dataclass(frozen=True)
class PersonPlan:
    """One recipient to be: own code in the body that registers, group, sex, birth date, citizenship, quarter."""

    code: str
    group: str
    sex: str
    birth_date: date
    citizenship: str
    joins: int


@dataclass(frozen=True)
class MeetingPlan:
    """One meeting: day, times, topic, head count or bodies by name."""

    day: date
    starts_at: time
    ends_at: time
    topic: str = ""
    head_count: int | None = None
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeasurePlan:
    """A value of a channel."""

    day: date
    value: int


@dataclass(frozen=True)
class CampaignPlan:
    """A content published, with its values."""

    channel: str
    title: str
    audience: str
    day: date
    measures: tuple[MeasurePlan, ...]


@dataclass(frozen=True)
class ActivityPlan:
    """One activity with everything that happens in it."""

    network: str
    body: str
    role: str
    title: str
    starts_on: date
    ends_on: date
    venue: str = ""
    town: str = ""
    meetings: tuple[MeetingPlan, ...] = ()
    people: tuple[PersonPlan, ...] = ()
    deliverables: tuple[tuple[str, date, int], ...] = ()
    campaigns: tuple[CampaignPlan, ...] = field(default=())


def activities() -> list[ActivityPlan]:
    """Return the whole school year."""
    draw = random.Random(SEED)  # noqa: S311  demonstration data, not a secret
    found: list[ActivityPlan] = []
    for network in NETWORKS:
        found += {"01": _schools, "02": _services, "04": _participation}[network.action](network, draw)
    return found + list(_information())


def _days(first: date, last: date, *, step: int) -> list[date]:
    days = []
    day = first
    while day <= last:
        if not any(start <= day <= end for start, end in SCHOOL_HOLIDAYS):
            days.append(day)
        day += timedelta(days=step)
    return days


def _birth(draw: random.Random, youngest: int, oldest: int) -> date:
    """Return a birth date for somebody between two ages (in years) during the school year."""
    return date(2018, 9, 30) - timedelta(days=draw.randint(youngest * 365 + youngest // 4 + 1, oldest * 365 + 180))


def _people(
    draw: random.Random, prefix: str, group: str, count: int, ages: tuple[int, int], citizenship: str = ""
) -> tuple[PersonPlan, ...]:
    return tuple(
        PersonPlan(
            code=f"{prefix}-{number:02d}",
            group=group,
            sex=draw.choice(("female", "male")),
            birth_date=_birth(draw, *ages),
            citizenship=citizenship or draw.choice(CITIZENSHIPS),
            joins=draw.choices((0, 1, 2), weights=(58, 22, 20))[0],
        )
        for number in range(1, count + 1)
    )


def _lab_meetings(
    draw: random.Random, start: time, end: time, step: int, topics: tuple[str, ...]
) -> tuple[MeetingPlan, ...]:
    first = YEAR_START + timedelta(days=7 + draw.randint(0, 4))
    return tuple(
        MeetingPlan(day, start, end, topics[index % len(topics)])
        for index, day in enumerate(_days(first, YEAR_END, step=step))
    )


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
                meetings=_lab_meetings(draw, time(14, 30), time(16, 30), 14, L2_TOPICS),
                people=_people(draw, f"{short}{index}L", "ALUNNI-CPT", draw.randint(14, 18), (5, 15)),
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
                    meetings=_lab_meetings(draw, time(16, 30), time(18, 0), 21, INCLUSION_TOPICS),
                    people=_people(draw, f"{short}{index}M", "ALUNNI-BM", draw.randint(10, 14), (5, 15), "IT"),
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
                for day in _days(YEAR_START + timedelta(days=16), YEAR_END, step=28)
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
                for day in _days(YEAR_START + timedelta(days=9), YEAR_END, step=28)
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
                    for day in _days(YEAR_START + timedelta(days=11 + index), YEAR_END, step=14)
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
                    for day in _days(YEAR_START + timedelta(days=8), YEAR_END, step=21)
                ),
                people=_people(draw, f"{_initials(body.name)}{index}S", "CPT", draw.randint(8, 13), (18, 66)),
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
        days = _days(YEAR_START + timedelta(days=25 + 6 * index), date(2019, 6, 10), step=42)
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
                    meetings=_lab_meetings(draw, time(18, 30), time(20, 30), 14, PATH_TOPICS),
                    people=_people(
                        draw, f"{_initials(body.name)}{index}{number}P", "CPT", draw.randint(16, 22), (18, 66)
                    ),
                )
            )
    return found


def _information() -> Iterator[ActivityPlan]:
    """Action 3: the regional web site, the newsletter and the social channels, by IRES alone."""
    code, _name, _action = SINGLE_NETWORK
    months = [
        date(2018, 10, 15),
        date(2018, 11, 15),
        date(2018, 12, 14),
        date(2019, 1, 15),
        date(2019, 2, 15),
        date(2019, 3, 15),
        date(2019, 4, 15),
        date(2019, 5, 15),
        date(2019, 6, 12),
    ]
    subscribers = [2150, 2310, 2420, 2600, 2740, 2880, 2950, 3020, 3110]
    yield ActivityPlan(
        code,
        "IRES Piemonte",
        "NEWSLETTER-SOCIAL",
        "Newsletter Piemonte Immigrazione",
        YEAR_START,
        date(2019, 6, 30),
        campaigns=tuple(
            CampaignPlan(
                "NEWSLETTER",
                f"Newsletter n. {number}",
                "Iscritti alla newsletter regionale",
                day,
                (MeasurePlan(day + timedelta(days=1), subscribers[number - 1]),),
            )
            for number, day in enumerate(months, start=1)
        ),
    )
    topics = (
        "Iscriversi a scuola",
        "Il medico di famiglia",
        "Rinnovare il permesso",
        "Cercare casa",
        "Corsi di italiano",
        "Cittadinanza per i diciottenni",
    )
    users = [1900, 2600, 3450, 4200, 4950, 5600]
    yield ActivityPlan(
        code,
        "IRES Piemonte",
        "CONTENUTI-WEB",
        "Contenuti per www.piemonteimmigrazione.it",
        YEAR_START,
        date(2019, 6, 30),
        campaigns=tuple(
            CampaignPlan(
                "PIEMONTEIMMIGRAZIONE",
                title,
                "Visitatori del sito regionale",
                months[index] + timedelta(days=5),
                (MeasurePlan(months[index] + timedelta(days=12), users[index]),),
            )
            for index, title in enumerate(topics)
        ),
    )


def _short(name: str) -> str:
    return name.removeprefix("Istituto comprensivo ")
