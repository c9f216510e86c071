# SPDX-License-Identifier: EUPL-1.2
"""Which of the figures that count bodies is shown."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalFilterForm


class BodiesForm(PortalFilterForm):
    """The choice of the figure, in the address."""

    indicator = forms.ChoiceField(label=_("Figure"))

    def __init__(self, *args: Any, indicators: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].choices = indicators  # type: ignore[attr-defined]
