# SPDX-License-Identifier: EUPL-1.2
"""Filters of the list of activities, kept in the address."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState
from actions.models import Activity, ActivityType, Period, Programme
from fami_portal.core.forms import PortalFilterForm
from partners.models import Network, Organisation


class ActivityFilter(django_filters.FilterSet):
    """Words of the title, programme, network, body, type, state, period; the choices are those the person may see."""

    text = django_filters.CharFilter(label=_("Words of the title"), method="search")
    programme = django_filters.ModelChoiceFilter(label=_("Programme"), queryset=Programme.objects.none())
    network = django_filters.ModelChoiceFilter(label=_("Network"), queryset=Network.objects.none())
    organisation = django_filters.ModelChoiceFilter(label=_("Body"), queryset=Organisation.objects.none())
    activity_type = django_filters.ModelChoiceFilter(label=_("Activity type"), queryset=ActivityType.objects.none())
    state = django_filters.ChoiceFilter(label=_("State"), choices=ActivityState.choices)
    period = django_filters.ChoiceFilter(label=_("Period"), method="in_period")

    class Meta:
        model = Activity
        fields = ["text", "programme", "network", "organisation", "activity_type", "state", "period"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        visible = Activity.objects.visible_to(user)
        for name, rows in (
            ("programme", Programme.objects.filter(pk__in=visible.values("programme")).order_by("title", "pk")),
            ("network", Network.objects.filter(pk__in=visible.values("network")).order_by("name", "pk")),
            ("organisation", Organisation.objects.filter(pk__in=visible.values("organisation")).order_by("name", "pk")),
            (
                "activity_type",
                ActivityType.objects.filter(pk__in=visible.values("activity_type")).order_by("title", "pk"),
            ),
        ):
            self.filters[name].queryset = rows
        periods = (
            Period.objects.filter(programme__in=visible.values("programme"))
            .order_by("-code")
            .values_list("code", flat=True)
        )
        self.filters["period"].extra["choices"] = [(code, code) for code in dict.fromkeys(periods)]

    def search(self, queryset: QuerySet[Activity], name: str, value: str) -> QuerySet[Activity]:
        """Every word in the title or in the name of the place."""
        for word in value.split():
            queryset = queryset.filter(Q(title__icontains=word) | Q(venue__name__icontains=word))
        return queryset

    def in_period(self, queryset: QuerySet[Activity], name: str, value: str) -> QuerySet[Activity]:
        """Those whose dates touch the period of their own programme that has this code."""
        periods = Period.objects.filter(code=value)
        return queryset.filter(
            pk__in=Activity.objects.filter(
                programme__periods__in=periods,
                starts_on__lte=F("programme__periods__ends_on"),
                ends_on__gte=F("programme__periods__starts_on"),
            ).values("pk")
        )
