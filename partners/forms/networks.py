# SPDX-License-Identifier: EUPL-1.2
"""Forms of networks and of their members."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from partners.enums import NetworkKind
from partners.forms.fields import MunicipalitiesField
from partners.models import Network


class NetworkForm(PortalForm):
    """The facts of a network. The code is given once: reports and commands name the network by it."""

    submit_label = _("Save the network")
    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("Short, as ATS-NO-1. It cannot be changed later.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=NetworkKind.choices)
    parent = forms.ModelChoiceField(
        label=_("Coordinated by"),
        queryset=Network.objects.none(),
        to_field_name="uuid",
        required=False,
        help_text=_("Another network, where there is a second level of coordination."),
    )
    starts_on = forms.DateField(label=_("From"), required=False)
    ends_on = forms.DateField(label=_("Until"), required=False)
    municipalities = MunicipalitiesField(label=_("Municipalities"), required=False)

    def __init__(self, *args: Any, parents: QuerySet[Network], network: Network | None = None, **kwargs: Any) -> None:
        if network is not None:
            kwargs["initial"] = {
                "name": network.name,
                "kind": network.kind,
                "parent": network.parent and network.parent.uuid,
                "starts_on": network.starts_on,
                "ends_on": network.ends_on,
                "municipalities": network.municipalities.order_by("name", "code"),
            }
            kwargs["version"] = network.version
        super().__init__(*args, **kwargs)
        if network is not None:
            del self.fields["code"]
            parents = parents.exclude(pk=network.pk)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]
