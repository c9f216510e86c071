# SPDX-License-Identifier: EUPL-1.2
"""Filters of the lists of this app, kept in the address."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from actions.models import Period, Programme
from fami_portal.core.forms import PortalFilterForm
from partners.models import Network
from reporting.enums import ActivityReportState
from reporting.models import ActivityReport


class ActivityReportFilter(django_filters.FilterSet):
    """Programme, network, period, part of the name of the body, state."""

    programme = django_filters.ModelChoiceFilter(
        label=_("Programme"), empty_label=_("Any"), queryset=Programme.objects.none(), to_field_name="slug"
    )
    network = django_filters.ModelChoiceFilter(
        label=_("Network"), empty_label=_("Any"), queryset=Network.objects.none(), to_field_name="code"
    )
    period = django_filters.ChoiceFilter(label=_("Period"), empty_label=_("Any"), field_name="period__code")
    body = django_filters.CharFilter(label=_("Body"), field_name="organisation__name", lookup_expr="icontains")
    state = django_filters.ChoiceFilter(label=_("State"), empty_label=_("Any"), choices=ActivityReportState)

    class Meta:
        model = ActivityReport
        fields = ["programme", "network", "period", "body", "state"]
        form = PortalFilterForm

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reports = ActivityReport.objects.visible_to(user)
        self.filters["programme"].queryset = Programme.objects.filter(pk__in=reports.values("programme")).order_by(
            "title"
        )
        self.filters["network"].queryset = Network.objects.filter(pk__in=reports.values("network")).order_by("name")
        codes = Period.objects.filter(pk__in=reports.values("period")).order_by("-code").values_list("code", flat=True)
        self.filters["period"].extra["choices"] = [(code, code) for code in dict.fromkeys(codes)]
