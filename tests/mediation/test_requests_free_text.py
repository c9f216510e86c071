# SPDX-License-Identifier: EUPL-1.2
"""What may not be written in free text is found however it is written; dates, years and times are left alone."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from mediation.selectors.free_text import possible_names, refusals

OMOCODIA = dict(zip("0123456789", "LMNPQRSTUV", strict=True))
DIGITS = (6, 7, 9, 10, 12, 13, 14)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@st.composite
def tax_codes(draw: st.DrawFn) -> str:
    """A tax code with its right check letter, with any of its digits replaced as omocodia does, in any case."""
    name = "".join(draw(LETTERS) for _letter in range(6))
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    code = list(f"{name}{draw(st.integers(0, 99)):02d}{draw(st.sampled_from('ABCDEHLMPRST'))}{day:02d}")
    code += list(f"{draw(LETTERS)}{draw(st.integers(0, 999)):03d}")
    for place in draw(st.sets(st.sampled_from(DIGITS))):
        code[place] = OMOCODIA[code[place]]
    text = "".join(code) + codicefiscale.calc_check_digit("".join(code))
    if draw(st.booleans()):
        text = text.lower()
    if draw(st.booleans()):
        mark = draw(st.sampled_from(" .-/"))
        text = mark.join((text[:3], text[3:6], text[6:11], text[11:15], text[15:]))
    return text


@st.composite
def phones(draw: st.DrawFn) -> str:
    """An Italian phone number as people write it: with or without prefix, with blanks, dots, dashes."""
    mark = draw(st.sampled_from(["", " ", ".", "-"]))
    digits = st.text("0123456789", min_size=3, max_size=3)
    if draw(st.booleans()):
        groups = [f"3{draw(st.integers(20, 99))}", draw(digits), draw(st.text("0123456789", min_size=3, max_size=4))]
    else:
        area = draw(st.sampled_from(["011", "02", "06", "0131", "0965"]))
        groups = [area, draw(digits), draw(st.text("0123456789", min_size=3, max_size=4))]
    prefix = draw(st.sampled_from(["", "+39 ", "+39", "0039 ", "0039"]))
    return prefix + mark.join(groups)


words = st.sampled_from(["Colloquio con la famiglia", "Contattare", "Classe 2B:", "alle ore", "e poi", "nel", ""])


@settings(max_examples=50, deadline=None)
@given(words, tax_codes(), words)
def test_a_tax_code_is_refused_however_it_is_written(before: str, code: str, after: str) -> None:
    assert refusals(f"{before} {code} {after}")
    assert refusals(f"{before} ({code}), {after}")


@settings(max_examples=60, deadline=None)
@given(words, phones(), words)
def test_a_phone_number_is_refused_however_it_is_written(before: str, number: str, after: str) -> None:
    assert refusals(f"{before} {number} {after}")
    assert refusals(f"{before} tel.{number}, {after}")


@settings(max_examples=50, deadline=None)
@given(
    st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    st.times(time(7), time(19)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%Y-%m-%d"]),
    st.sampled_from(["{day} alle {hour}", "{day}, {hour}-{hour}", "{day} {hour} – {hour}", "dal {day} al {day}"]),
    st.sampled_from(["%H:%M", "%H.%M"]),
)
def test_days_and_hours_are_left_alone(day: date, hour: time, as_day: str, sentence: str, as_hour: str) -> None:
    text = sentence.format(day=day.strftime(as_day), hour=hour.strftime(as_hour))
    assert refusals(f"Incontro {text} in aula 12") == [], text


@pytest.mark.parametrize(
    "text",
    [
        "Anno scolastico 2018/2019, poi 2019-20.",
        "Nati nel 2009, 2010 e 2011; in Italia dal 2017.",
        "2018 2019 2020",
        "Classe 2B, 3A e 1 C; 24 alunni, 12 famiglie.",
        "Via Roma 12, 10100 Torino",
        "Protocollo 1234/2019 del 3/10/19",
        "",
    ],
)
def test_figures_of_a_school_are_left_alone(text: str) -> None:
    assert refusals(text) == []


@pytest.mark.parametrize(
    "text",
    ["mamma@posta.it", "Scrivere a m.rossi+scuola@posta.example.org", "mamma chiocciola posta.it", "x (at) posta.it"],
)
def test_an_address_is_refused(text: str) -> None:
    assert refusals(text)


def test_the_provisional_tax_code_of_a_foreign_person_is_refused() -> None:
    assert refusals("Codice 00743110157 in attesa")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Colloquio con la mamma di Amina.", ["Amina"]),
        ("Il sig. Rossi e la signora Fatima", ["Rossi", "Fatima"]),
        ("La famiglia Hussein chiede un incontro", ["Hussein"]),
        ("Viene con Maria Bianchi.", ["Maria Bianchi"]),
        ("L’alunno Ahmed El Idrissi", ["Ahmed El Idrissi"]),
        ("Colloquio Conoscitivo. Incontro Breve.", []),
        ("Alunna NAI, arrivata dalla Costa d’Avorio; Istituto Comprensivo Uno.", []),
        ("La mamma parla solo bengalese.", []),
    ],
)
def test_names_are_guessed(text: str, names: list[str]) -> None:
    assert possible_names(text) == names
