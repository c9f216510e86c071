# SPDX-License-Identifier: EUPL-1.2
"""The forms of the privacy notices and of the parts in the processing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.enums import DataRole
from fami_portal.core.forms import PortalForm
from partners.models import Language, Organisation


class NoticeForm(PortalForm):
    """A version of the privacy notice, with its text in one language."""

    submit_label = _("Publish the version")
    organisation = forms.ModelChoiceField(
        label=_("Whose notice"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("The whole programme"),
        help_text=_("Choose a body only if it gives families a notice of its own."),
    )
    code = forms.CharField(label=_("Version"), max_length=20, help_text=_("As written on the notice, like 2026/1."))
    valid_from = forms.DateField(label=_("Valid from"))
    language = forms.ModelChoiceField(label=_("Language"), queryset=Language.objects.order_by("name", "pk"))
    body = forms.CharField(
        label=_("Text"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("An empty line begins a new paragraph. A line that begins with # is a heading."),
    )

    def __init__(self, *args: Any, bodies: Any = None, languages: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bodies is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = bodies  # type: ignore[attr-defined]
        if languages is not None:
            self.fields["language"].queryset = languages  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = ("organisation", "code", "valid_from", "language", "body")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


class NoticeLanguageForm(NoticeForm):
    """One more language of a version: nothing else of it."""

    submit_label = _("Add the language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"], self.fields["valid_from"]


class ProcessingRoleForm(PortalForm):
    """The part of a body in the processing of the data of a programme."""

    submit_label = _("Save the part")
    organisation = forms.ModelChoiceField(label=_("Body"), queryset=Organisation.objects.none())
    role = forms.ChoiceField(label=_("Part in the processing"), choices=DataRole.choices, widget=forms.RadioSelect)
    legal_act = forms.CharField(
        label=_("Act that gives it"),
        max_length=200,
        help_text=_("As “Agreement under article 26”, “Appointment under article 28, protocol 123”."),
    )
    act_on = forms.DateField(label=_("Date of the act"))
    dpo_contact = forms.CharField(
        label=_("Contact of the data protection officer"),
        max_length=200,
        help_text=_("The address of the office, never of a person: families read it."),
    )

    def __init__(self, *args: Any, bodies: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bodies is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = bodies  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = ("organisation", "role", "legal_act", "act_on", "dpo_contact")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}
