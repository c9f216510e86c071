# SPDX-License-Identifier: EUPL-1.2
"""Filters of the lists of consultations, questions, translations and presences, kept in the address."""

from typing import Any

import django_filters
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalFilterForm
from mediation.enums import ConsultationState, LegalArea, LegalQuestionState, PresenceState, TranslationState
from mediation.models import CommunityPresence, Consultation, LegalQuestion, Translation
from mediation.models.legal import ARCHIVE_CONFIG, ARCHIVE_VECTOR
from partners.models import Network


class _ByNetwork(django_filters.FilterSet):
    """State and network; the networks are those of the rows that the person sees."""

    network = django_filters.ModelChoiceFilter(label=_("Network"), queryset=Network.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.queryset.order_by().values("network")
        self.filters["network"].queryset = Network.objects.filter(pk__in=rows).order_by("name", "pk")


class ConsultationFilter(_ByNetwork):
    """The list of consultations."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=ConsultationState.choices)

    class Meta:
        model = Consultation
        fields = ["state", "network"]
        form = PortalFilterForm


class LegalQuestionFilter(_ByNetwork):
    """The list of questions."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=LegalQuestionState.choices)
    area = django_filters.ChoiceFilter(label=_("Area"), choices=LegalArea.choices)

    class Meta:
        model = LegalQuestion
        fields = ["state", "area", "network"]
        form = PortalFilterForm


class ArchiveFilter(django_filters.FilterSet):
    """The archive of answers: words, in any of their Italian forms, and area."""

    text = django_filters.CharFilter(label=_("Words"), method="search")
    area = django_filters.ChoiceFilter(label=_("Area"), choices=LegalArea.choices)

    class Meta:
        model = LegalQuestion
        fields = ["text", "area"]
        form = PortalFilterForm

    def search(self, queryset: QuerySet[LegalQuestion], name: str, value: str) -> QuerySet[LegalQuestion]:
        """Find the words as Italian knows them (permesso, permessi), the best first."""
        query = SearchQuery(value[:200], config=ARCHIVE_CONFIG, search_type="websearch")
        return (
            queryset.annotate(words=ARCHIVE_VECTOR)
            .filter(words=query)
            .order_by(SearchRank(ARCHIVE_VECTOR, query).desc(), "-published_at", "pk")
        )


class TranslationFilter(_ByNetwork):
    """The list of translations."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=TranslationState.choices)

    class Meta:
        model = Translation
        fields = ["state", "network"]
        form = PortalFilterForm


class PresenceFilter(_ByNetwork):
    """The list of presences."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=PresenceState.choices)
    since = django_filters.DateFilter(label=_("From the day"), field_name="planned_from", lookup_expr="date__gte")
    until = django_filters.DateFilter(label=_("Until the day"), field_name="planned_from", lookup_expr="date__lte")

    class Meta:
        model = CommunityPresence
        fields = ["state", "network", "since", "until"]
        form = PortalFilterForm
