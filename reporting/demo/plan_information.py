# SPDX-License-Identifier: EUPL-1.2
"""The regional web site, the newsletter and the social channels of the demonstration's school year."""

from collections.abc import Iterator
from datetime import date, timedelta

from reporting.demo.plan_values import YEAR_START, ActivityPlan, CampaignPlan, MeasurePlan
from reporting.demo.world import SINGLE_NETWORK


def information() -> Iterator[ActivityPlan]:
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
