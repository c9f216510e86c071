# SPDX-License-Identifier: EUPL-1.2
"""Official codes."""

import pytest
from django.core.exceptions import ValidationError

from partners import validators


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (
            validators.validate_fiscal_code,
            ["80000010019", "RSSMRA85T10A562S"],
            ["80000010018", "8000", "RSSMRA85T10A562X"],
        ),
        (validators.validate_vat_number, ["00743110157"], ["00743110158", "IT"]),
        (
            validators.validate_school_code,
            ["TOIC81600L", "ASTF01000X", "TVIC84300N"],
            ["TOIC81600", "toic81600l", "1OIC81600L"],
        ),
        (validators.validate_ipa_code, ["r_piemon", "c_l219"], ["r", "with space", "x" * 11]),
        (validators.validate_municipality_code, ["001272"], ["1272", "00127A"]),
        (validators.validate_cup, ["D29G19000000007"], ["D29G1900000000", "D29G190000000071", "029G19000000007"]),
    ],
)
def test_codes(check, good, bad):
    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(ValidationError):
            check(value)
