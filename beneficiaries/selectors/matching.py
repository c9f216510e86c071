# SPDX-License-Identifier: EUPL-1.2
"""What is compared of an identity: names and codes in one form, and their keyed fingerprints. Reads no table.

The phonetic keys of the usual libraries follow English spelling. Ours follows how names written in Arabic, Albanian,
Chinese, Urdu … are spelt in Latin letters by the offices that our recipients passed through: one skeleton of
consonants, in which the usual spellings of one sound are one letter.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale, iva

from beneficiaries.enums import FingerprintKind, Sex, Similarity

# Letters that decomposing leaves whole.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i", "ə": "e"}
)
# The keyboard's two, acute, typographic, and those of transliterations; before decomposing, which turns some to blanks.
_APOSTROPHES = re.compile("['`\u00b4\u2018\u2019\u02b9-\u02bf]")
# Written apart, joined or left out by different offices.
PARTICLES = frozenset({"al", "el", "ul", "ad", "ed", "as", "es", "ar", "er", "az", "ez", "at", "et", "an", "ben", "bin",
                       "ibn", "bint", "ould", "oulad", "de", "di", "da", "del", "della", "dos", "van", "von", "la", "le"})  # fmt: skip
# Names that very many recipients have: two records that share only these say little.
COMMON = frozenset({"mohammed", "muhammad", "mohamed", "mohammad", "md", "ahmed", "ahmad", "ali", "hassan", "hasan",
                    "ibrahim", "fatima", "khadija", "amina", "maria", "omar", "youssef", "abdul", "khan", "hussain",
                    "hossain", "islam", "rahman", "begum", "singh", "kaur", "kumar", "diallo", "traore", "hoxha", "hu",
                    "chen", "wang", "li", "zhang", "zhou", "lin", "wu", "popescu", "garcia", "sow", "ba"})  # fmt: skip

_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")
_OMOCODIA_PLACES = (6, 7, 9, 10, 12, 13, 14)

# In order: the longer spelling of a sound first.
_SOUNDS: tuple[tuple[str, str], ...] = tuple(
    (spelling, sound)
    for spellings, sound in (
        (("tsch", "tch", "xh", "dj", "dzh", "gj", "zh", "gi", "ge", "j"), "j"),
        (("sch", "sh", "sci", "sce", "ch", "ci", "ce", "x", "q"), "c"),
        (("kh", "gh"), "h"),
        (("ph",), "f"),
        (("th",), "t"),
        (("dh",), "d"),
    )
    for spelling in spellings
)

_PAIRS = str.maketrans("kgvpz", "cjfbs")


class TaxCodeError(ValueError):
    """A tax code that cannot be one; the message says why and never repeats it."""

    def __init__(self, message: Promise | str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class TaxCode:
    """A tax code in its one form: with omocodia reversed, or the provisional number of eleven digits."""

    number: str
    provisional: bool

    @property
    def kind(self) -> FingerprintKind:
        """The kind of its fingerprint."""
        return FingerprintKind.PROVISIONAL_CODE if self.provisional else FingerprintKind.TAX_CODE


def read_tax_code(typed: str) -> TaxCode | None:
    """Return a typed tax code in its one form, None for an empty text; raises `TaxCodeError`.

    Source: decree of the Minister of Finance of 23 December 1976 (check character, places of omocodia); the provisional
    number has the check digit of a VAT number.
    """
    code = re.sub(r"[\s.\-/]", "", typed).upper()
    if not code:
        return None
    if re.fullmatch(r"[0-9]{11}", code):
        if not iva.luhn.is_valid(code):
            raise TaxCodeError(_("The last digit of this provisional tax code does not agree with the others."))
        return TaxCode(code, provisional=True)
    if not re.fullmatch(r"[A-Z0-9]{16}", code):
        raise TaxCodeError(_("A tax code has 16 letters and digits; a provisional one has 11 digits."))
    try:
        codicefiscale.validate(code)
    except ValidationError:
        raise TaxCodeError(
            _("This is not an Italian tax code: check each letter and digit on the card or on the paper.")
        ) from None
    return TaxCode(_without_omocodia(code), provisional=False)


def _without_omocodia(code: str) -> str:
    """Return the code with digits where omocodia put letters, and the check character that belongs to them."""
    characters = list(code[:15])
    for place in _OMOCODIA_PLACES:
        characters[place] = characters[place].translate(_OMOCODIA)
    plain = "".join(characters)
    return plain + codicefiscale.calc_check_digit(plain)


def tax_code_warnings(code: TaxCode | None, *, birth_date: date, sex: str) -> list[Promise]:
    """Say where a tax code and what was typed disagree: a slip, or a paper to look at again. Never a refusal.

    A sex that is neither woman nor man is compared with nothing: the code knows two.
    """
    if code is None or code.provisional:
        return []
    day = int(code.number[9:11])
    warnings: list[Promise] = []
    if (int(code.number[6:8]), "ABCDEHLMPRST".index(code.number[8]) + 1, day % 40) != (
        birth_date.year % 100,
        birth_date.month,
        birth_date.day,
    ):
        warnings.append(_("The tax code says another birth date."))
    if sex in (Sex.FEMALE, Sex.MALE) and (sex == Sex.FEMALE) != (day > 40):
        warnings.append(_("The tax code says another gender."))
    return warnings


def name_words(*names: str) -> list[str]:
    """Return the words of the names in one form and in alphabetical order, so that which is the surname is no matter.

    Without diacritics, apostrophes, hyphens and particles; particles stay when there is nothing else.
    """
    text = _APOSTROPHES.sub("", " ".join(names).casefold().translate(_LETTERS))
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    words = re.findall(r"[^\W\d_]+", text)
    return sorted([word for word in words if word not in PARTICLES] or words)


def sound_of(word: str) -> str:
    """Return the skeleton of consonants of one word in one form; a word of vowels is its first letter."""
    rest = word
    for spelling, sound in _SOUNDS:
        rest = rest.replace(spelling, sound.upper())
    rest = rest.lower().translate(_PAIRS)
    skeleton = "".join(letter for letter in rest if letter not in "aeiouyhw")
    return re.sub(r"(.)\1+", r"\1", skeleton) or word[:1]


def is_common(*names: str) -> bool:
    """Whether every word of the names is one that very many recipients have."""
    words = name_words(*names)
    return bool(words) and COMMON.issuperset(words)


def fingerprint(*, programme_uuid: UUID, kind: str, text: str) -> bytes:
    """Return the keyed hash of a text for one programme and kind: no two programmes can be compared."""
    message = f"{programme_uuid}\0{kind}\0{text}".encode()
    return hmac.new(settings.FINGERPRINT_KEY, message, hashlib.sha256).digest()


def fingerprints_of(
    *, programme_uuid: UUID, given_name: str, family_name: str, birth_date: date, tax_code: str = ""
) -> list[tuple[FingerprintKind, bytes]]:
    """Return the fingerprints of an identity, the exact one first; raises `TaxCodeError` for a code that is none."""
    texts: list[tuple[FingerprintKind, str]] = []
    code = read_tax_code(tax_code)
    if code is not None:
        texts.append((code.kind, code.number))
    words = name_words(given_name, family_name)
    if words:
        names = " ".join(words)
        sounds = " ".join(sorted(sound_of(word) for word in words))
        texts += [
            (FingerprintKind.NAME_AND_BIRTH, f"{names} {birth_date:%Y-%m-%d}"),
            (FingerprintKind.PHONETIC, f"{sounds} {birth_date:%Y-%m-%d}"),
            (FingerprintKind.NAME_AND_YEAR, f"{names} {birth_date:%Y}"),
        ]
    return [(kind, fingerprint(programme_uuid=programme_uuid, kind=kind, text=text)) for kind, text in texts]


_BANDS = (Similarity.LOW, Similarity.MEDIUM, Similarity.HIGH)


def similarity_of(
    kinds: Sequence[str], *, first_of_january: bool, common: bool, other_code: bool = False
) -> Similarity | None:
    """Return how much two records resemble one another, None when it is not worth anybody's time.

    A birth on 1 January (which offices write when they do not know the day), names that very many have, and another
    definitive tax code each weigh one step less.
    """
    if FingerprintKind.NAME_AND_BIRTH in kinds:
        step = 2
    elif FingerprintKind.PHONETIC in kinds:
        step = 1
    elif FingerprintKind.NAME_AND_YEAR in kinds:
        step = 0
    else:
        return None
    if step < 2 and other_code:
        return None
    step -= first_of_january + common + other_code
    if step < 0 and common:
        return None
    return _BANDS[max(step, 0)]
