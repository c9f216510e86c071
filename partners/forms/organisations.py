# SPDX-License-Identifier: EUPL-1.2
"""The form of a body."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalModelForm
from partners.forms.fields import CodeField, MunicipalityField
from partners.models import Organisation
from partners.selectors import institutes


class OrganisationForm(PortalModelForm):
    """The facts of a body; the model checks codes and duplicates."""

    submit_label = _("Save the body")
    fiscal_code = CodeField(label=_("Tax code"), required=False, help_text=_("11 digits"), max_length=16)
    vat_number = CodeField(label=_("VAT number"), required=False, max_length=11)
    school_code = CodeField(
        label=_("School code (codice meccanografico)"),
        required=False,
        max_length=10,
        help_text=_("Only for schools, as TOIC81600L"),
    )
    municipality = MunicipalityField(label=_("Municipality"), required=False)
    institute = forms.ModelChoiceField(
        label=_("Site of the institute"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        required=False,
        help_text=_("Only for a school site (plesso): the institute to which it belongs."),
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "kind",
            "nature",
            "fiscal_code",
            "informal_reason",
            "vat_number",
            "school_code",
            "ipa_code",
            "runts_number",
            "municipality",
            "institute",
            "address",
            "pec",
            "email",
        ]
        help_texts = {"informal_reason": _("Only for groups that have no tax code.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance
        self.fields["institute"].queryset = institutes().exclude(pk=own.pk)  # type: ignore[attr-defined]
        self.initial["institute"] = own.institute.uuid if own.institute is not None else None

    def get_layout(self) -> Sequence[Any]:
        """Group what identifies the body, its codes, and how to reach it."""
        return [
            Fieldset(_("The body"), "name", "kind", "nature"),
            Fieldset(
                _("Official codes"),
                "fiscal_code",
                "informal_reason",
                "vat_number",
                "school_code",
                "institute",
                "ipa_code",
                "runts_number",
            ),
            Fieldset(_("Seat and addresses"), "municipality", "address", "pec", "email"),
        ]
