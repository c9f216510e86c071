# SPDX-License-Identifier: EUPL-1.2
"""The form with which families are recorded as informed again; the recipients are chosen beside it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import NoticeText
from beneficiaries.enums import NoticeReceiver
from fami_portal.core.forms import PortalForm
from partners.models import Language


class InformAgainForm(PortalForm):
    """When, to whom and in which language the version in force was given."""

    given_on = forms.DateField(label=_("Notice given on"))
    given_to = forms.ChoiceField(label=_("Given to"), choices=NoticeReceiver.choices, widget=forms.RadioSelect)
    language = forms.ModelChoiceField(
        label=_("In which language"), queryset=Language.objects.none(), empty_label="---------"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        written = NoticeText.objects.values("language")
        self.fields["language"].queryset = Language.objects.filter(pk__in=written).order_by("name", "pk")  # type: ignore[attr-defined]
        # The page draws one form around the table and these fields.
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout.fields = [name for name in self.fields if not self.fields[name].widget.is_hidden]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("given_on", "given_to", "language")}
