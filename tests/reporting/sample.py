# SPDX-License-Identifier: EUPL-1.2
"""A content of an output report made by hand, for the tests of what draws it: no database."""

from typing import Any

PERIODS = [
    ("2019-Q1", "2019-01-01", "2019-03-31"),
    ("2019-Q2", "2019-04-01", "2019-06-30"),
    ("2019-Q3", "2019-07-01", "2019-09-30"),
]
ACTIONS = [
    ("01", "Qualificazione del sistema scolastico in contesti multiculturali"),
    ("02", "Promozione dell’accesso ai servizi per l’integrazione"),
    ("03", "Servizi di informazione qualificata, attraverso canali regionali e territoriali di comunicazione"),
    ("04", "Promozione della partecipazione attiva dei migranti alla vita economica, sociale e culturale"),
]
INDICATORS = [
    (
        "D.1",
        "Alunni con cittadinanza di paesi terzi, da 3 a 16 anni",
        "target",
        "persons",
        "persons",
        "01",
        960,
        143,
        412,
    ),
    ("D.2", "Alunni con background migratorio", "target", "persons", "persons", "01", 500, 61, 187),
    ("D.3", "Cittadini di paesi terzi regolarmente presenti", "target", "persons", "persons", "02", 672, 98, 240),
    ("D.4", "Destinatari di informazione", "target", "reach", "contacts", "03", 22000, 5200, 9850),
    (
        "D.5",
        "Associazioni di migranti e di seconde generazioni",
        "target",
        "organisations",
        "organisations",
        "04",
        30,
        4,
        11,
    ),
    ("O.1.1", "Laboratori linguistici L2", "output", "activities", "activities", "01", 60, 9, 31),
    ("O.1.2", "Ore di laboratorio", "output", "hours", "hours", "01", 180000, 27930, 88410),
    ("O.2.1", "Incontri dei gruppi di lavoro", "output", "meetings", "meetings", "02", 24, 3, 14),
    ("O.3.1", "Contenuti e campagne pubblicati", "output", "campaigns", "contents", "03", 40, 6, 17),
    ("O.4.1", "Incontri informativi con le associazioni", "output", "meetings", "meetings", "04", None, 2, 6),
]


def _split(total: int, parts: int) -> list[int]:
    weights = [3 + (index * 7) % 5 for index in range(parts)]
    shares = [total * weight // sum(weights) for weight in weights]
    shares[0] += total - sum(shares)
    return shares


def sample_context(networks: int = 14) -> dict[str, Any]:
    """Return a content like the one of a region with so many networks."""
    scopes = [{"key": "programme", "kind": "programme", "code": "", "name": "InterAzioni in Piemonte 2", "scope": "p"}]
    scopes += [
        {"key": f"action/{code}", "kind": "action", "code": code, "name": title, "scope": code}
        for code, title in ACTIONS
    ]
    owners = {f"network/ATS-{index:02d}": ACTIONS[min(index // 4, 3)][0] for index in range(1, networks + 1)}
    scopes += [
        {
            "key": key,
            "kind": "network",
            "code": key.split("/")[1],
            "name": f"ATS {('Torino Nord', 'Cuneo e Langhe', 'Novara', 'Alessandria')[number % 4]} {number}",
            "actions": [action],
            "scope": key,
        }
        for number, (key, action) in enumerate(owners.items(), start=1)
    ]
    frozen_rows, figure_rows = [], []
    for code, title, kind, measure, unit, action, target, new, to_date in INDICATORS:
        frozen_rows.append(
            {
                "code": code,
                "title": title,
                "kind": kind,
                "measure": measure,
                "unit": unit,
                "persons": measure == "persons",
                "action": action,
                "actions": [action],
                "rule": {},
                "bounds": ["D.1"] if code == "D.2" else [],
                "targets": {"programme": target} if target else {},
            }
        )
        mine = [key for key, owner in owners.items() if owner == action]
        values = {"programme": {"new": new, "to_date": to_date}, f"action/{action}": {"new": new, "to_date": to_date}}
        gross = to_date + 9 if measure == "persons" else to_date
        if mine:
            for key, one, other in zip(mine, _split(new, len(mine)), _split(gross, len(mine)), strict=True):
                values[key] = {"new": one, "to_date": other}
        parts = [
            ("female", "under_18", 5),
            ("male", "under_18", 4),
            ("female", "from_18_to_60", 2),
            ("non_binary", "over_60", 0),
        ]
        crossed = [
            {"sex": sex, "age_band": band, "new": new * weight // 11, "to_date": to_date * weight // 11}
            for sex, band, weight in parts
            if weight
        ]
        figure_rows.append(
            {
                "code": code,
                "scopes": values,
                "share_permille": to_date * 1000 // target if target else None,
                "gross_networks": {"new": new, "to_date": gross if mine else 0},
                "trend": [
                    {"period": "2019-Q1", "new": to_date - new - new // 2, "to_date": to_date - new - new // 2},
                    {"period": "2019-Q2", "new": new // 2, "to_date": to_date - new},
                    {"period": "2019-Q3", "new": new, "to_date": to_date},
                ],
                "by_sex_age": crossed if measure == "persons" else [],
            }
        )
    return {
        "format": "fami-output-report/1",
        "frozen": {
            "posting": 57,
            "programme": {
                "slug": "interazioni-piemonte-2",
                "title": "InterAzioni in Piemonte 2",
                "fund": "FAMI 2014-2020",
                "objective": "Obiettivo specifico 2 Integrazione / Migrazione legale – Obiettivo nazionale ON 2",
                "project_code": "PROG-2364",
                "cup": "J69D18000350007",
                "lead": "Regione Piemonte",
                "starts_on": "2018-07-01",
                "last_day": "2022-06-30",
                "visibility_text": "Progetto co-finanziato dall’Unione europea\nFondo Asilo, Migrazione e Integrazione 2014-2020",
            },
            "period": {"code": "2019-Q3", "starts_on": "2019-07-01", "ends_on": "2019-09-30", "due_on": "2019-10-15"},
            "periods": [{"code": code, "starts_on": begin, "ends_on": end} for code, begin, end in PERIODS],
            "scopes": scopes,
            "indicators": frozen_rows,
            "target_groups": [
                {"code": "pupils", "title": "Alunni di paesi terzi"},
                {"code": "adults", "title": "Adulti"},
            ],
            "gaps": [
                {
                    "period": "2019-Q3",
                    "network": "network/ATS-02",
                    "network_name": "ATS Novara 2",
                    "body": "Cooperativa sociale Il Ponte",
                    "state": "submitted",
                }
            ],
            "campaigns": [
                {
                    "published_on": "2019-07-18",
                    "title": "Newsletter di luglio",
                    "channel": "Newsletter",
                    "audience": "Iscritti",
                    "body": "IRES Piemonte",
                }
            ],
        },
        "figures": {
            "time_elapsed_permille": 312,
            "indicators": figure_rows,
            "served": {
                "whole": {"persons": 655, "eligible": 640},
                "scopes": {
                    "action/01": {"persons": 430, "eligible": 422},
                    "action/02": {"persons": 240, "eligible": 233},
                    "network/ATS-01": {"persons": 350, "eligible": 345},
                    "network/ATS-02": {"persons": 320, "eligible": 310},
                },
                "target_groups": {
                    "pupils": {"persons": 430, "eligible": 422},
                    "adults": {"persons": 225, "eligible": 218},
                },
                "gross_networks": {"persons": 670, "eligible": 655},
                "by_sex_age": [
                    {"sex": "female", "age_band": "under_18", "persons": 350},
                    {"sex": "male", "age_band": "under_18", "persons": 305},
                ],
            },
            "late": [
                {"period": "2019-Q2", "network": "network/ATS-01", "indicator": "D.1", "added": 7, "withdrawn": 1},
                {"period": "2019-Q2", "network": "network/ATS-01", "indicator": "O.1.2", "added": 540, "withdrawn": 0},
            ],
            "warnings": [{"indicator": "D.2", "value": 187, "bound": "D.1", "limit": 150}],
        },
    }
