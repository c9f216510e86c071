# SPDX-License-Identifier: EUPL-1.2
"""The closed lists of the official sheets 2021-2027, word for word (domain reference, section 3.2).

Codes are ours and never change; labels are what the fund expects in a cell, and stay in Italian whatever the page.
"""

PERMIT_KINDS = {
    "foster_care": "Affidamento",
    "asylum": "Asilo",
    "minor_assistance": "Assistenza minore",
    "job_seeking": "Attesa occupazione",
    "special_cases": "Casi speciali",
    "self_employment": "Lavoro autonomo",
    "seasonal_work": "Lavoro stagionale",
    "employment": "Lavoro subordinato",
    "minor_age": "Minore età",
    "family": "Motivi familiari",
    "religious": "Motivi religiosi",
    "humanitarian": "Motivi umanitari",
    "eu_blue_card": "Permesso di soggiorno per titolari di Carta Blu UE",
    "eu_long_term": "Permesso di soggiorno UE per soggiornanti di lungo periodo",
    "social_protection": "Protezione sociale",
    "subsidiary_protection": "Protezione sussidiaria",
    "elective_residence": "Residenza elettiva",
    "research": "Ricerca scientifica",
    "asylum_application": "Richiesta asilo",
    "study": "Studio/tirocinio/formazione",
    "other": "Altro permesso",
    "being_issued": "Permesso in corso di rilascio",
    "na_origin_country": "Non Applicabile (progetti nei paesi d'origine)",
    "na_minors": "Non Applicabile (bambini minori regolarmente soggiornanti)",
    "na_forced_return": "Non Applicabile (rimpatrio forzato)",
}
# Whoever waits for an answer stays in Italy by right: no programme may say that these do not count.
NEVER_EXCLUDED = frozenset({"asylum_application", "being_issued"})
# Only for who is under 18.
MINORS_ONLY = frozenset({"na_minors"})

EDUCATION_TITLES = {
    "none": "Nessuno",
    "primary": "Istruzione primaria",
    "lower_secondary": "Istruzione secondaria inferiore (primo stadio istruzione secondaria)",
    "upper_secondary": "Istruzione secondaria superiore (ultimo stadio della istruzione superiore)",
    "post_secondary": ("Istruzione post-secondaria non terziaria (percorsi di formazione tecnica superiore)"),
    "short_tertiary": "Istruzione terziaria di ciclo breve",
    "bachelor": "Istruzione superiore: Bachelor o equivalenti (laurea triennale)",
    "master": "Istruzione superiore: Master o equivalenti (laurea magistrale)",
    "doctorate": "Istruzione superiore: Dottorale o equivalenti (Dottorato)",
}

ORIGIN_WORKS = {
    "unskilled": "Operaio e lavoratore non specializzati",
    "skilled_worker": "Operaio qualificato",
    "craftsperson": "Artigiano",
    "trade_and_services": "Operatore di attività commerciali di servizio alle persone",
    "clerk": "Impiegato non tecnico",
    "technician": "Tecnico, amministrativo, intellettuale a media qualificazione",
    "professional": "Tecnico, amministrativo, intellettuale a elevata qualificazione",
    "entrepreneur": "Imprenditore",
    "manager": "Dirigente di strutture complesse",
}

MINOR, UNACCOMPANIED_MINOR, OVER_65 = "minor", "unaccompanied_minor", "over_65"
TARGET_SPECIFICS = {
    MINOR: "Minore",
    UNACCOMPANIED_MINOR: "MSNA",
    OVER_65: "Anziano (over 65)",
    "single_parent": "Genitore single con figlio minorenne",
    # A flag: which vulnerability is never written anywhere.
    "vulnerability": "Persone con vulnerabilità – dati sensibili",
}

# Where the label of the sheets is not the name that Italian offices write.
COUNTRY_LABELS = {
    "BA": "Bosnia-Erzegovina",
    "BN": "Brunei Darussalam",
    "CG": "Congo",
    "CI": "Costa d'Avorio",
    "FM": "Stati Federati di Micronesia",
    "GQ": "Guinea equatoriale",
    "KZ": "Kazakhstan",
    "LC": "Santa Lucia",
    "MD": "Moldova",
    "MM": "Myanmar/Birmania",
    "MU": "Maurizio",
    "RU": "Federazione russa",
    "ST": "Sao Tomé e Principe",
    "TL": "Timor Leste",
    "US": "Stati Uniti d'America",
    "XX": "apolide",
}
