# SPDX-License-Identifier: EUPL-1.2
"""Phone numbers as people write them: with an extension, a prefix, a word, but never without a number."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_DIGITS_AT_LEAST = 5


def check_phone(value: str) -> None:
    """Refuse what nobody can call."""
    if sum(character.isdigit() for character in value) < _DIGITS_AT_LEAST:
        raise ValidationError(_("Write the whole phone number, for example 011 123 4567."))
