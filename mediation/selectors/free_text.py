# SPDX-License-Identifier: EUPL-1.2
"""What people must not write in the free text of a request: tax codes, phone numbers, e-mail addresses, names.

The first three are recognised with certainty and refused. A name can only be guessed: it is pointed out, and the person
who files says whether it is one. Dates, school years and times are left alone.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from stdnum.it import codicefiscale, iva

from fami_portal.core.errors import DomainError

# --- tax codes -------------------------------------------------------------------------------------------------------

# A digit of a tax code, or the letter that takes its place when two people would have the same code (omocodia).
_DIGIT = "[0-9LMNPQRSTUV]"
_SHAPE = ["[A-Z]"] * 6 + [_DIGIT] * 2 + ["[ABCDEHLMPRST]"] + [_DIGIT] * 2 + ["[A-Z]"] + [_DIGIT] * 3 + ["[A-Z]"]
_TAX_CODE = re.compile(r"(?<![A-Z0-9])" + r"[\s._/-]?".join(_SHAPE) + r"(?![A-Z0-9])")
_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{11}(?!\d)")
# Fewer digits than these in sixteen characters are words that happen to have the shape, unless the check letter agrees.
_DIGITS_OF_A_CODE = 4


def _has_tax_code(text: str) -> bool:
    upper = text.upper()
    for found in _TAX_CODE.finditer(upper):
        code = re.sub(r"[^A-Z0-9]", "", found.group())
        if sum(char.isdigit() for char in code) >= _DIGITS_OF_A_CODE or _check_letter_agrees(code):
            return True
    # The provisional tax code of a foreign person has eleven digits, like the number of a company.
    return any(iva.is_valid(found.group()) for found in _ELEVEN_DIGITS.finditer(text))


def _check_letter_agrees(code: str) -> bool:
    try:
        return bool(codicefiscale.calc_check_digit(code[:-1]) == code[-1])
    except Exception:  # whatever the library thinks of an impossible code
        return False


# --- phone numbers ---------------------------------------------------------------------------------------------------

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_TIME = r"(?:[01]?\d|2[0-3])[.:][0-5]\d"
# What looks like part of a number and is not: it separates the numbers around it.
_HARMLESS = re.compile(
    "|".join(
        (
            rf"(?<!\d){_DAY}([./-]){_MONTH}\1{_YEAR}(?!\d)",
            rf"(?<!\d){_YEAR}-{_MONTH}-{_DAY}(?!\d)",
            rf"(?<!\d){_DAY}/{_MONTH}/\d\d(?!\d)",
            rf"(?<![\d.-]){_DAY}([.-]){_MONTH}\2\d\d(?!\d|[.-]\d)",
            rf"(?<!\d){_YEAR}\s?[/–-]\s?(?:{_YEAR}|\d\d)(?!\d)",
            rf"(?<![\d./-]){_TIME}\s?[–-]\s?{_TIME}(?!\d|[./-]\d)",
            rf"(?<![\d./-]){_TIME}(?!\d|[./-]\d)",
        )
    )
)
_NUMBERS = re.compile(r"\+?\d(?:[\s./()–-]*\d)*")
_YEARS_ONLY = re.compile(rf"{_YEAR}(?:\D+{_YEAR})*")
_MOBILE = re.compile(r"3\d{8,9}")
_LANDLINE = re.compile(r"0\d{7,10}")
_ABROAD = re.compile(r"00\d{8,13}")


def _has_phone(text: str) -> bool:
    return any(_is_phone(run) for run in _NUMBERS.findall(_HARMLESS.sub("¦", text)))


def _is_phone(run: str) -> bool:
    """Whether some of the numbers that stand beside one another, read as one, are a phone number."""
    if _YEARS_ONLY.fullmatch(run):
        return False
    groups = re.findall(r"\d+", run)
    if run.startswith("+") and 8 <= sum(map(len, groups)) <= 15:
        return True
    for first, group in enumerate(groups):
        if len(group) < 2:
            continue
        joined = ""
        for following in groups[first:]:
            joined += following
            national = re.sub(r"^(?:0039|39)(?=[03])", "", joined)
            if any(shape.fullmatch(number) for shape in (_MOBILE, _LANDLINE) for number in (joined, national)):
                return True
            if _ABROAD.fullmatch(joined):
                return True
    return False


# --- e-mail addresses ------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\]|chiocciola)\s?[\w-]+\s?\.\s?[a-z]{2,}", re.IGNORECASE)


def refusals(text: str) -> list[str]:
    """Return a sentence for each kind of thing that may not be written in free text; empty when there is none."""
    found = []
    if _has_tax_code(text):
        found.append(_("Take the tax code out: the case is known by its code alone."))
    if _has_phone(text):
        found.append(
            _("Take the phone number out: the contacts have their own fields, families are called by the school.")
        )
    if _EMAIL.search(text):
        found.append(_("Take the e-mail address out: the contacts have their own fields."))
    return found


def check_comment(text: str, *, field: str = "comment") -> None:
    """Raise `DomainError` at the field for a text that stays in a history and travels in messages."""
    for sentence in refusals(text):
        raise DomainError(sentence, field=field)


# --- names -----------------------------------------------------------------------------------------------------------

_WORD = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:['’-][A-ZÀ-ÖØ-Þ]?[a-zà-öø-ÿ]+)*"
_TITLES = r"(?:[Ss]ignor[aei]?|[Ss]ig\.?(?:ra|na|ri)?\.?|[Dd]ott\.?(?:ssa)?\.?|[Mm]rs?\.?|[Mm]iss)"
_RELATIVES = (
    r"(?:[Mm]amma|[Mm]adre|[Pp]apà|[Pp]adre|[Gg]enitori?|[Ff]ratell[oi]|[Ss]orell[ae]|[Zz]i[oa]|[Nn]onn[oaie]|"
    r"[Aa]lunn[oaie]|[Bb]ambin[oaie]|[Rr]agazz[oaie]|[Ss]tudent(?:e|i|essa|esse)|[Mm]inor[ei]|[Ff]igli[oa]?|[Ff]amiglia)"
)
_AFTER_TITLE = re.compile(rf"\b{_TITLES}\s+({_WORD}(?:\s+{_WORD})*)")
_AFTER_RELATIVE = re.compile(rf"\b{_RELATIVES}\s+(?:di\s+|del\s+|della\s+|dell['’])?({_WORD}(?:\s+{_WORD})*)")
_TWO_WORDS = re.compile(rf"\b{_WORD}(?:\s+{_WORD})+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n…]\s*|[-•–]\s+)[\"«“(]?$")
# Words that Italian offices write with a capital letter, and places of two words.
_USUAL_WORDS = """
istituto comprensivo scuola infanzia primaria secondaria superiore comune regione provincia via viale piazza corso
consiglio classe collegio docenti piano didattico educativo personalizzato individualizzato gruppo lavoro operativo
servizio servizi sociali sociale sanitario territoriale neuropsichiatria infantile consultorio familiare asl asst
azienda ospedale aula magna sala sede centrale sportello centro provinciale istruzione adulti ministero
italia italiano costa avorio sri lanka burkina faso arabia saudita stati uniti paesi bassi san santa sierra leone
salvador nuova zelanda sud nord est ovest corea africa asia america europa repubblica dominicana ceca regno unito
unione europea capo verde guinea bissau congo macedonia bosnia erzegovina emirati arabi medio oriente
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre natale pasqua
lunedì martedì mercoledì giovedì venerdì sabato domenica ramadan scheda valutazione progetto fami prefettura questura
"""
_NOT_NAMES = frozenset(_USUAL_WORDS.split())


def _usual(words: str) -> bool:
    return any(word.lower() in _NOT_NAMES for word in words.split())


def _guesses(text: str) -> Iterator[str]:
    for pattern in (_AFTER_TITLE, _AFTER_RELATIVE):
        for found in pattern.finditer(text):
            if not _usual(found.group(1)):
                yield found.group(1)
    for found in _TWO_WORDS.finditer(text):
        words = found.group().split()
        if _SENTENCE_START.search(text[: found.start()]):
            words = words[1:]
        if len(words) > 1 and not _usual(" ".join(words)):
            yield " ".join(words)


def possible_names(text: str) -> list[str]:
    """Return what looks like the name of a person, each once, in the order of the text."""
    return list(dict.fromkeys(_guesses(text)))
