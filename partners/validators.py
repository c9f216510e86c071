# SPDX-License-Identifier: EUPL-1.2
"""Checks of official codes, shared by forms, imports and models (reference: domain, section 12)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.it import codicefiscale, iva

# Ten characters: province, type, then letters or digits (the last may be a letter: ASTF01000X).
SCHOOL_CODE = re.compile(r"^[A-Z]{2}[A-Z0-9]{2}[A-Z0-9]{6}$")
IPA_CODE = re.compile(r"^[A-Za-z0-9_]{2,10}$")
MUNICIPALITY_CODE = re.compile(r"^\d{6}$")
CUP = re.compile(r"^[A-Z]\d{2}[A-Z]\d{11}$")


def validate_fiscal_code(value: str) -> None:
    """Accept the 11 digits of a body or the 16 characters of a person (sole traders); raises `ValidationError`."""
    try:
        codicefiscale.validate(value)
    except StdnumError:
        raise ValidationError(
            _("This tax code is not valid: check the characters typed."), code="fiscal_code"
        ) from None


def validate_vat_number(value: str) -> None:
    """Accept an Italian VAT number of 11 digits with its check digit; raises `ValidationError`."""
    try:
        iva.validate(value)
    except StdnumError:
        raise ValidationError(_("This VAT number is not valid: it has 11 digits."), code="vat_number") from None


def validate_school_code(value: str) -> None:
    """Accept a codice meccanografico, as TOIC81600L; raises `ValidationError`."""
    if not SCHOOL_CODE.match(value):
        raise ValidationError(
            _("This school code is not valid: it has ten characters, as TOIC81600L."), code="school_code"
        )


def validate_ipa_code(value: str) -> None:
    """Accept a code of the index of public administrations; raises `ValidationError`."""
    if not IPA_CODE.match(value):
        raise ValidationError(_("This IPA code is not valid: letters, digits and underscore."), code="ipa_code")


def validate_municipality_code(value: str) -> None:
    """Accept the six digits of an ISTAT code; raises `ValidationError`."""
    if not MUNICIPALITY_CODE.match(value):
        raise ValidationError(_("An ISTAT code has six digits."), code="municipality_code")


def validate_cup(value: str) -> None:
    """Accept a CUP of 15 characters, as D29G19000000007; raises `ValidationError`."""
    if not CUP.match(value):
        raise ValidationError(_("This CUP is not valid: it has 15 characters, as D29G19000000007."), code="cup")
