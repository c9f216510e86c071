# SPDX-License-Identifier: EUPL-1.2
"""Names and tax codes in one form, and their fingerprints: what must agree, and what must not."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from beneficiaries.enums import EXACT_FINGERPRINTS, FingerprintKind, Sex, Similarity
from beneficiaries.selectors.matching import (
    TaxCodeError,
    fingerprints_of,
    is_common,
    name_words,
    read_tax_code,
    similarity_of,
    sound_of,
    tax_code_warnings,
)

PROGRAMME = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
BORN = date(2010, 5, 17)
K = FingerprintKind
NAMES = st.sampled_from(["Yasmine", "Đorđe", "Niccolò", "Xiāo Míng", "Çelik", "D’Amico", "El Idrissi", "Nguyễn", "Zoë"])
FEW = settings(max_examples=25)


def taken(given_name: str, family_name: str, *, born: date = BORN, code: str = "", programme: UUID = PROGRAMME) -> dict:
    return dict(
        fingerprints_of(
            programme_uuid=programme, given_name=given_name, family_name=family_name, birth_date=born, tax_code=code
        )
    )


def with_check(plain: str) -> str:
    return plain + codicefiscale.calc_check_digit(plain)


@FEW
@given(given_name=NAMES, family_name=NAMES)
def test_swapped_names_in_capitals_are_the_same(given_name: str, family_name: str) -> None:
    assert taken(given_name, family_name) == taken(family_name.upper(), given_name.upper())


@FEW
@given(one=NAMES, other=NAMES, family_name=NAMES)
def test_twins_agree_only_when_their_given_names_do(one: str, other: str, family_name: str) -> None:
    first, second = taken(one, family_name), taken(other, family_name)
    assert (first[K.NAME_AND_BIRTH] == second[K.NAME_AND_BIRTH]) == (one == other)
    assert not set(EXACT_FINGERPRINTS) & set(first)


@FEW
@given(year=st.integers(0, 99), place=st.integers(1, 999), letters=st.sets(st.sampled_from([6, 7, 9, 10, 12, 13, 14])))
def test_omocodia_is_reversed(year: int, place: int, letters: set[int]) -> None:
    plain = f"HXXXXX{year:02d}E17Z{place:03d}"
    changed = "".join("LMNPQRSTUV"[int(letter)] if where in letters else letter for where, letter in enumerate(plain))
    code = read_tax_code(with_check(changed))
    assert code is not None
    assert code.number == with_check(plain)
    assert taken("A", "B", code=with_check(changed))[K.TAX_CODE] == taken("C", "D", code=with_check(plain))[K.TAX_CODE]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Niccolò D’Amico", "NICCOLO' D'AMICO"),
        ("D\u00b4Amico", "D’Amico"),
        ("José María Pérez", "perez jose maria"),
        ("Fatima-Zahra El Idrissi", "Idrissi Fatima Zahra"),
        ("Łukasz Æbelø", "lukasz aebelo"),
        ("Nguyễn Thị Mai", "Nguyen Thi Mai"),
        ("Sara Ben Ali", "Ali Sara"),
    ],
)
def test_names_in_one_form(one: str, other: str) -> None:
    assert name_words(one) == name_words(other)


def test_particles_stay_when_there_is_nothing_else() -> None:
    assert name_words("La", "Le") == ["la", "le"]
    assert name_words("", "123") == []


@pytest.mark.parametrize(
    "spellings",
    [
        ("mohammed", "muhammad", "mohamed", "muhamed"),
        ("youssef", "yusuf", "yousef", "jousef")[:3],
        ("khaled", "khalid", "haled"),
        ("aicha", "aisha", "ayesha"),
        ("abdelkader", "abdulqadir", "abdelqader"),
        ("djamila", "jamila", "gamila"),
        ("oussama", "usama", "osama"),
        ("ouafa", "wafa"),
        ("xhevahir", "gjevahir"),
        ("qirjako", "kirjako"),
        ("zhang", "jang"),
    ],
)
def test_spellings_of_one_sound(spellings: tuple[str, ...]) -> None:
    assert len({sound_of(word) for word in spellings}) == 1


def test_other_sounds_differ() -> None:
    assert len({sound_of(word) for word in ("fatima", "khadija", "amina", "sara", "chen", "hoxha", "u", "ai")}) == 8


@pytest.mark.parametrize(
    ("typed", "number"), [("rss mra 80a01 h501u", "RSSMRA80A01H501U"), ("00743110157", "00743110157"), ("  ", None)]
)
def test_a_tax_code_is_read(typed: str, number: str | None) -> None:
    code = read_tax_code(typed)
    assert (code.number if code else None) == number


@pytest.mark.parametrize(
    "typed", ["RSSMRA80A01H501X", "00743110158", "RSSMRA80A01", "1234567890A", "X" * 16, "\u0661" * 11]
)
def test_what_is_no_tax_code_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(TaxCodeError) as refusal:
        read_tax_code(typed)
    assert typed not in str(refusal.value)


def test_a_provisional_code_is_of_its_own_kind() -> None:
    assert K.PROVISIONAL_CODE in taken("A", "B", code="00743110157")


@pytest.mark.parametrize(
    ("plain", "born", "sex", "number"),
    [
        ("HXXXXX10E17Z100", BORN, Sex.MALE, 0),
        ("HXXXXX10E57Z100", BORN, Sex.FEMALE, 0),
        ("HXXXXX10E57Z100", BORN, Sex.NON_BINARY, 0),
        ("HXXXXX10E57Z100", BORN, Sex.MALE, 1),
        ("HXXXXXMLERTZMLL", BORN, Sex.FEMALE, 0),
        ("HXXXXX11E17Z100", BORN, Sex.FEMALE, 2),
    ],
)
def test_a_code_is_held_against_birth_date_and_gender(plain: str, born: date, sex: str, number: int) -> None:
    assert len(tax_code_warnings(read_tax_code(with_check(plain)), birth_date=born, sex=sex)) == number


def test_programmes_and_kinds_cannot_be_compared() -> None:
    here, there = taken("Amina", "Sow"), taken("Amina", "Sow", programme=OTHER)
    assert not set(here.values()) & set(there.values())
    assert len(set(here.values())) == len(here) == 3


def test_the_key_matters(settings: object) -> None:
    before = taken("Amina", "Sow")
    settings.FINGERPRINT_KEY = b"another key"  # type: ignore[attr-defined]
    assert not set(before.values()) & set(taken("Amina", "Sow").values())


@pytest.mark.parametrize(
    ("kinds", "first", "common", "code", "band"),
    [
        ([K.NAME_AND_BIRTH, K.PHONETIC, K.NAME_AND_YEAR], False, False, False, Similarity.HIGH),
        ([K.NAME_AND_BIRTH], True, False, False, Similarity.MEDIUM),
        ([K.NAME_AND_BIRTH], True, True, False, Similarity.LOW),
        ([K.NAME_AND_BIRTH], False, False, True, Similarity.MEDIUM),
        ([K.PHONETIC], False, False, False, Similarity.MEDIUM),
        ([K.PHONETIC], False, True, False, Similarity.LOW),
        ([K.PHONETIC], False, False, True, None),
        ([K.NAME_AND_YEAR], True, False, False, Similarity.LOW),
        ([K.NAME_AND_YEAR], False, True, False, None),
        ([], False, False, False, None),
    ],
)
def test_the_band_weighs_common_names_and_the_first_of_january(
    kinds: list[str], first: bool, common: bool, code: bool, band: str | None
) -> None:
    assert similarity_of(kinds, first_of_january=first, common=common, other_code=code) == band


def test_common_names() -> None:
    assert is_common("Mohammed", "Ali")
    assert not is_common("Mohammed", "Xhafa")
