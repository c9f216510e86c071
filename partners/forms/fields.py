# SPDX-License-Identifier: EUPL-1.2
"""Fields for what people type from memory: official codes, names of municipalities."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Municipality

_WITH_PROVINCE = re.compile(r"^(?P<name>.+?)\s*\((?P<province>[A-Za-z]{2})\)$")


class CodeField(forms.CharField):
    """An official code: blanks do not count, letters become capital."""

    def to_python(self, value: Any) -> Any:
        """Return the code as its register writes it."""
        return "".join(super().to_python(value).split()).upper()


def find_municipality(text: str) -> Municipality:
    """Return the municipality that a text names: “Novara”, “Novara (NO)” or the ISTAT code “003106”.

    Raises `ValidationError` when there is none, or more than one.
    """
    text = " ".join(text.split())
    named = _WITH_PROVINCE.match(text)
    wanted = (
        Q(name__iexact=named["name"], province=named["province"].upper())
        if named
        else Q(code=text)
        if text.isdigit()
        else Q(name__iexact=text)
    )
    found = list(Municipality.objects.filter(wanted).order_by("name", "code")[:6])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(municipality) for municipality in found)
        raise ValidationError(
            _("More than one municipality has this name. Write one of: %(names)s"), params={"names": names}
        )
    close = Municipality.objects.filter(name__istartswith=text[:60]).order_by("name", "code")[:5] if text else []
    if close:
        names = ", ".join(str(municipality) for municipality in close)
        raise ValidationError(
            _("“%(text)s” is not in the list of municipalities. Perhaps: %(names)s"),
            params={"text": text, "names": names},
        )
    raise ValidationError(
        _("“%(text)s” is not in the list of municipalities. Write its full name, as “Novara”."), params={"text": text}
    )


class MunicipalityField(forms.CharField):
    """One municipality, by name or ISTAT code: a list of eight thousand would help nobody."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Its name, or its name with the province: Novara (NO)"))
        super().__init__(max_length=120, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show the name with the province; what was typed stays as it was."""
        if isinstance(value, int):
            return str(Municipality.objects.filter(pk=value).first() or "")
        return str(value) if isinstance(value, Municipality) else value

    def clean(self, value: Any) -> Municipality | None:
        """Return the municipality, or None where nothing was typed."""
        text = super().clean(value)
        return find_municipality(text) if text else None


class MunicipalitiesField(forms.CharField):
    """Several municipalities, one on each line."""

    widget = forms.Textarea(attrs={"rows": 6})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("One on each line, by name: Novara (NO)"))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show one name on each line; what was typed stays as it was."""
        if value is None or isinstance(value, str):
            return value
        return "\n".join(str(municipality) for municipality in value)

    def clean(self, value: Any) -> list[Municipality]:
        """Return the municipalities, each once; every line that is not one is told."""
        found: dict[int, Municipality] = {}
        problems = []
        for line in super().clean(value).splitlines():
            if line.strip():
                try:
                    municipality = find_municipality(line)
                    found[municipality.pk] = municipality
                except ValidationError as error:
                    problems.extend(error.messages)
        if problems:
            raise ValidationError(problems)
        return list(found.values())
