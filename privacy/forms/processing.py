# SPDX-License-Identifier: EUPL-1.2
"""The filter of the register of processing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core.forms import PortalFilterForm
from privacy.selectors.retention import programmes_of


class ProgrammeForm(PortalFilterForm):
    """Of which programme; without one the usual times."""

    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none(), required=False)

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes_of(by)  # type: ignore[attr-defined]
