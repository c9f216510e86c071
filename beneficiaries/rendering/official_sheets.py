# SPDX-License-Identifier: EUPL-1.2
"""The official sheets 2021-2027 as files: columns, order and words of the fund, in Italian whatever the page.

Source: the sheet of operators as published (headers with their blanks); that of third-country nationals after the form
in use for it (domain reference, sections 3.2 and 3.3). Telephone and e-mail stay empty: the portal does not collect
them. The files carry names: they are made in memory, handed to who asked, and kept nowhere.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.enums import OutcomeKind, Support
from actions.enums import Sheet as SheetKind
from beneficiaries.enums import OperatorTraining, OutcomeState, Sex
from beneficiaries.models import OperatorSheet, ThirdCountrySheet
from beneficiaries.selectors.official_sheets import SheetPerson
from fami_portal.core.exports import CellType, Column, Sheet, csv_chunks, write_xlsx
from partners.enums import Nature

FUND = "Fondo Asilo, Migrazione e Integrazione 2021-2027 \n"
SEX = {Sex.FEMALE: "Donna", Sex.MALE: "Uomo", Sex.NON_BINARY: "Non binario"}
NATURE = {Nature.PUBLIC: "Pubblico", Nature.PRIVATE: "Privato"}
RESULT = {
    OutcomeState.PENDING: "Risultato non ancora verificabile (supporto in corso) / Non applicabile",
    OutcomeState.POSITIVE: "Risultato positivo",
    OutcomeState.NEGATIVE: "Risultato negativo",
}
TRAININGS = {
    OperatorTraining.PREFECTURES: "Capacity building del personale operante nelle Prefetture",
    OperatorTraining.LOCAL_BODIES: "Capacity building del personale operante negli Enti locali",
    OperatorTraining.SCHOOLS: "Formazione personale scuole ",
    OperatorTraining.DISCRIMINATION: "Formazione per la prevenzione e il contrasto alle discriminazioni",
    OperatorTraining.SOCIAL_AND_HEALTH: "Formazione personale servizi socio-sanitari",
    OperatorTraining.GUARDIANSHIP: "Formazione per la tutela volontaria dei MSNA",
    OperatorTraining.MINORS_IN_JUSTICE: (
        "Formazione per la tutela dei minori stranieri sottoposti a provvedimenti della Autorità Giudiziaria"
    ),
}
SUPPORTS = {
    Support.WORK_GUIDANCE: "Orientamento professionale personalizzato e sostegno all'occupabilità",
    Support.CIVIC_EDUCATION: "Educazione civica",
    Support.SCHOOL_INCLUSION: "Supporto all'inserimento scolastico",
    Support.UNIVERSITY_AND_TITLES: "Supporto per l'accesso alla formazione universitaria e riconoscimento dei titoli",
    Support.TRAINING_GUIDANCE: "Orientamento alla formazione",
    Support.EXPLOITATION: "Servizi per il contrasto al caporalato",
    Support.HOUSING: "Servizi per l'integrazione alloggiativa",
    Support.AWARENESS: "Attività di sensibilizzazione",
    Support.GUARDIANSHIP: "Supporto alla tutela volontaria",
    Support.MINORS_IN_JUSTICE: "Supporto ai minori sottoposti a provvedimenti della Autorità Giudiziaria",
    Support.FAMILY_REUNION: "Informazioni sul ricongiungimento familiare",
    Support.MOBILITY: "Supporto alla mobilità",
    Support.LONG_TERM_RESIDENCE: "Supporto per il permesso di soggiornante di lungo periodo",
}
_PERSONAL, _PERIOD, _RESULTS = "Anagrafica", "Periodo supporto ricevuto", "Risultati"
_SUPPORT = "OS2 - Migrazione legale e integrazione: tipologia di supporto ricevuto"
_PHONE, _MAIL = "Telefono\n(se disponibile)", "E-mail\n(se disponibile)"


@dataclass(frozen=True, repr=False)
class SheetRow:
    """One person of a sheet with its name, where the body wrote it. Its `repr` says nothing."""

    person: SheetPerson
    given_name: str = ""
    family_name: str = ""
    tax_code: str = ""


def yes_or_no(value: bool) -> str:
    """Return the option of the sheets: without the accent that Italian wants."""
    return "Si" if value else "No"


def _result(kind: OutcomeKind) -> Callable[[SheetRow], str]:
    return lambda row: RESULT[OutcomeState(row.person.outcomes.get(kind, OutcomeState.PENDING))]


def _third(attribute: str) -> Callable[[SheetRow], str]:
    def read(row: SheetRow) -> str:
        facts = row.person.facts
        return str(getattr(facts, attribute) or "") if isinstance(facts, ThirdCountrySheet) else ""

    return read


def _operator(attribute: str) -> Callable[[SheetRow], Any]:
    return lambda row: getattr(row.person.facts, attribute) if isinstance(row.person.facts, OperatorSheet) else ""


def _supported(code: str) -> Callable[[SheetRow], str]:
    return lambda row: yes_or_no(code in row.person.supports)


def _trained(code: str) -> Callable[[SheetRow], str]:
    return lambda row: yes_or_no(code in (_operator("trainings")(row) or ()))


def _nothing(row: SheetRow) -> str:
    return ""


# The columns that part the sections.
_GAP = Column("", _nothing, width=3)
_BIRTH = Column("Data di nascita", lambda row: row.person.beneficiary.birth_date, CellType.DATE)
_SEX = Column("Genere", lambda row: SEX[Sex(row.person.beneficiary.sex)])
_BEGIN = Column("Data inizio supporto", lambda row: row.person.begins_on, CellType.DATE)


def _end(header: str) -> Column:
    return Column(header, lambda row: row.person.ends_on, CellType.DATE)


OPERATOR_COLUMNS = (
    Column("CF", "tax_code"),
    Column("Nome ", "given_name"),
    Column(" Cognome", "family_name"),
    _BIRTH,
    _SEX,
    Column("Ente di appartenenza", _operator("employer")),
    Column("Tipologia di ente", lambda row: NATURE.get(_operator("nature")(row), "")),
    Column(
        "Ente pubblico presso il quale si opera\n(in caso di operatore privato)", _operator("public_body"), width=40
    ),
    Column(_PHONE, _nothing),
    Column(_MAIL, _nothing),
    _GAP,
    _BEGIN,
    _end("Data fine supporto "),
    _GAP,
    *(Column(label, _trained(code)) for code, label in TRAININGS.items()),
    _GAP,
    Column("Utilità formazione per il lavoro ", _result(OutcomeKind.USEFULNESS)),
    Column("Utilizzo competenze acquisite", _result(OutcomeKind.SKILLS)),
    Column("Esito positivo attività formative", _result(OutcomeKind.TRAINING)),
    Column("Soddisfazione", _result(OutcomeKind.SATISFACTION)),
)
THIRD_COUNTRY_COLUMNS = (
    Column("CF", "tax_code"),
    Column("Nome", "given_name"),
    Column("Cognome", "family_name"),
    _BIRTH,
    _SEX,
    Column("Nazionalità", lambda row: row.person.beneficiary.citizenship.official_label),
    Column("Tipologia permesso di soggiorno", lambda row: str(row.person.permit or ""), width=40),
    Column("Note (in caso di temporanea indisponibilità del permesso)", _third("permit_note"), width=40),
    Column("Target specifico rilevato (1)", _third("first_specific")),
    Column("Target specifico rilevato (2)", _third("second_specific")),
    Column("Target specifico rilevato (3)", _third("third_specific")),
    Column("Titolo di studio", _third("education"), width=40),
    Column("Eventuale lavoro svolto nel paese d'origine", _third("origin_work"), width=40),
    Column(_PHONE, _nothing),
    Column(_MAIL, _nothing),
    _GAP,
    _BEGIN,
    _end("Data fine supporto"),
    _GAP,
    Column("Formazione linguistica", lambda row: yes_or_no(row.person.language)),
    *(Column(label, _supported(code)) for code, label in SUPPORTS.items()),
    _GAP,
    Column("Miglioramento competenze linguistiche", _result(OutcomeKind.LANGUAGE)),
    Column("Utilità supporto per integrazione", _result(OutcomeKind.USEFULNESS)),
    Column("Presentazione domanda di riconoscimento delle qualifiche", _result(OutcomeKind.RECOGNITION)),
    Column("Presentazione domanda di soggiornante di lungo periodo", _result(OutcomeKind.LONG_STAY)),
    Column("Soddisfazione", _result(OutcomeKind.SATISFACTION)),
)


@dataclass(frozen=True)
class _Form:
    """How one official sheet is called, and its columns."""

    title: str
    page: str
    columns: Sequence[Column]


FORMS: Mapping[str, _Form] = {
    SheetKind.OPERATORS: _Form(FUND + "Scheda operatori destinatari di progetto", "Scheda Operatori", OPERATOR_COLUMNS),
    SheetKind.THIRD_COUNTRY: _Form(
        FUND + "Scheda cittadini di Paesi terzi destinatari di progetto",
        "Scheda Cittadini Paesi Terzi",
        THIRD_COUNTRY_COLUMNS,
    ),
}


def _preamble(form: _Form) -> list[list[str]]:
    """Return the three rows above the header: title, a blank one, the names of the sections."""
    starts = [0] + [place + 1 for place, column in enumerate(form.columns) if column is _GAP]
    sections = [""] * len(form.columns)
    for place, name in zip(starts, (_PERSONAL, _PERIOD, _SUPPORT, _RESULTS), strict=True):
        sections[place] = name
    return [[form.title], [], sections]


def sheet_xlsx(sheet: str, rows: Sequence[SheetRow]) -> bytes:
    """Return the workbook of a sheet, made without touching a disk."""
    form = FORMS[sheet]
    target = io.BytesIO()
    write_xlsx(
        target,
        [Sheet(form.page, form.columns, rows, preamble=_preamble(form))],
        title=form.page,
        in_memory=True,
    )
    return target.getvalue()


def sheet_csv(sheet: str, rows: Sequence[SheetRow]) -> Iterator[bytes]:
    """Return the lines of a sheet, header first."""
    return csv_chunks(FORMS[sheet].columns, rows)
