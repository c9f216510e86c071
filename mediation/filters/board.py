# SPDX-License-Identifier: EUPL-1.2
"""Filters of the coordinator's board, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from actions.enums import MediationRequestKind
from fami_portal.core.forms import PortalFilterForm
from mediation.enums import SESSION_KINDS, Urgency
from mediation.models import MediationRequest, RequestLanguage
from mediation.selectors.board import BY_CODE, GROUPS, TURN
from partners.models import Language, Network

ALL, TURN_CODE = "all", ""
MINE, UNMET = "mine", "unmet"
OLDEST = "oldest"


class BoardFilter(django_filters.FilterSet):
    """Network, form, language, urgency, body, taken by me or unmet, order; the state is chosen last (see `in_group`)."""

    group = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("My turn"),
        choices=[*((group.code, group.label) for group in GROUPS), (ALL, _("All"))],
        method="untouched",
    )
    urgency = django_filters.ChoiceFilter(label=_("Urgency"), empty_label=_("Any"), choices=Urgency.choices)
    language = django_filters.ModelChoiceFilter(
        label=_("Language"),
        empty_label=_("Any"),
        queryset=Language.objects.none(),
        to_field_name="code",
        method="by_language",
    )
    kind = django_filters.ChoiceFilter(
        label=_("Form"),
        empty_label=_("Any"),
        choices=[(kind.value, MediationRequestKind(kind).label) for kind in SESSION_KINDS],
    )
    network = django_filters.ModelChoiceFilter(
        label=_("Network"), empty_label=_("Any"), queryset=Network.objects.none(), to_field_name="code"
    )
    body = django_filters.CharFilter(
        label=_("School or service"), field_name="organisation__name", lookup_expr="icontains"
    )
    only = django_filters.ChoiceFilter(
        label=_("Only"),
        empty_label=_("All"),
        choices=[(MINE, _("Those I took in charge")), (UNMET, _("No mediator found"))],
        method="by_share",
    )
    order = django_filters.ChoiceFilter(
        label=_("Order"),
        empty_label=_("The most urgent first"),
        choices=[(OLDEST, _("The oldest first"))],
        method="untouched",
    )

    class Meta:
        model = MediationRequest
        fields = ["group", "urgency", "language", "kind", "network", "body", "only", "order"]
        form = PortalFilterForm

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        requests = self.queryset.order_by().values("pk")
        self.filters["network"].queryset = Network.objects.filter(
            pk__in=self.queryset.order_by().values("network")
        ).order_by("name")
        asked = RequestLanguage.objects.filter(language=OuterRef("pk"), request__in=requests)
        self.filters["language"].queryset = Language.objects.filter(Exists(asked)).order_by("name")

    def untouched(self, queryset: QuerySet[MediationRequest], name: str, value: str) -> QuerySet[MediationRequest]:
        """What the page itself applies."""
        return queryset

    def by_language(self, queryset: QuerySet[MediationRequest], name: str, value: Any) -> QuerySet[MediationRequest]:
        """Requests that ask for the language, first or not."""
        return queryset.filter(Exists(RequestLanguage.objects.filter(request=OuterRef("pk"), language=value)))

    def by_share(self, queryset: QuerySet[MediationRequest], name: str, value: str) -> QuerySet[MediationRequest]:
        """Those that the person took in charge, or those for which nobody was found."""
        return queryset.filter(taken_by=self.user.pk) if value == MINE else queryset.filter(unmet=True)

    def _chosen(self, name: str) -> str:
        return (self.form.cleaned_data.get(name) or "") if self.form.is_valid() else ""

    @property
    def group_code(self) -> str:
        """The group of states that is open; empty is what waits for the coordinator."""
        return self._chosen("group")

    @property
    def oldest_first(self) -> bool:
        """Whether age alone decides the order."""
        return self._chosen("order") == OLDEST

    def in_group(self) -> QuerySet[MediationRequest]:
        """Return what was found in the open group."""
        code = self.group_code
        if code == ALL:
            return self.qs
        return self.qs.filter(state__in=BY_CODE[code].states if code in BY_CODE else TURN)
