# SPDX-License-Identifier: EUPL-1.2
"""Filters of the list of accounts of hours, kept in the address."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.enums import MediationRequestKind
from fami_portal.core.forms import PortalFilterForm
from mediation.enums import AccountUse
from mediation.models import HourAccount
from mediation.selectors.hour_pages import school_years
from partners.models import Network


class HourAccountFilter(django_filters.FilterSet):
    """Network, part of the name of the body, kind of request, school year, use; choices of what is visible."""

    network = django_filters.ModelChoiceFilter(
        label=_("Network"), empty_label=_("Any"), queryset=Network.objects.none(), to_field_name="code"
    )
    body = django_filters.CharFilter(
        label=_("School or service"), field_name="organisation__name", lookup_expr="icontains"
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind of request"), empty_label=_("Any"), choices=MediationRequestKind.choices
    )
    year = django_filters.ChoiceFilter(label=_("School year"), empty_label=_("Any"), method="by_year")
    use = django_filters.ChoiceFilter(label=_("Use"), empty_label=_("Any"), choices=AccountUse.choices)

    class Meta:
        model = HourAccount
        fields = ["network", "body", "kind", "year", "use"]
        form = PortalFilterForm

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = HourAccount.objects.visible_to(user)
        self.filters["network"].queryset = Network.objects.filter(pk__in=accounts.values("network")).order_by("name")
        self.filters["year"].extra["choices"] = school_years(accounts)

    def by_year(self, queryset: QuerySet[HourAccount], name: str, value: str) -> QuerySet[HourAccount]:
        """The accounts of a school year, such as `2018-2019`."""
        first, _dash, last = value.partition("-")
        return queryset.filter(starts_on__year=int(first), ends_on__year=int(last or first))
