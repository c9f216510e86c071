# SPDX-License-Identifier: EUPL-1.2
"""The filters of the list of requests, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.enums import MediationRequestKind
from fami_portal.core.forms import DateInput, PortalFilterForm
from mediation.enums import ENDED_STATES, SESSION_KINDS, RequestState
from mediation.models import MediationRequest


class RequestFilter(django_filters.FilterSet):
    """State (or all that is open), form, days of submission, part of number, code, place or body."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("Any"),
        method="by_state",
        choices=[("open", _("All that are open")), *RequestState.choices],
    )
    kind = django_filters.ChoiceFilter(
        label=_("Form"),
        empty_label=_("Any"),
        choices=[(kind.value, MediationRequestKind(kind).label) for kind in SESSION_KINDS],
    )
    since = django_filters.DateFilter(
        label=_("Submitted from"), field_name="submitted_at", lookup_expr="date__gte", widget=DateInput
    )
    until = django_filters.DateFilter(
        label=_("Submitted until"), field_name="submitted_at", lookup_expr="date__lte", widget=DateInput
    )
    text = django_filters.CharFilter(label=_("Number, code or body"), method="by_text")

    class Meta:
        model = MediationRequest
        fields = ["state", "kind", "since", "until", "text"]
        form = PortalFilterForm

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """One state, or everything that has not ended."""
        if value == "open":
            return queryset.exclude(state__in=ENDED_STATES)
        return queryset.filter(state=value)

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        """The case code is searched among one's own alone: others may not learn that it exists."""
        return queryset.filter(
            Q(number__icontains=value.strip())
            | Q(organisation__name__icontains=value.strip())
            | Q(case_code__iexact=value.strip(), organisation__in=self.own)
        )

    def __init__(self, *args: Any, own: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
