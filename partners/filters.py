# SPDX-License-Identifier: EUPL-1.2
"""Filters of the lists of bodies, networks and people, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES
from fami_portal.core.forms import PortalFilterForm
from partners.enums import Nature, NetworkKind, OrganisationKind
from partners.models import Membership, Network, Organisation
from partners.selectors import provinces


class OrganisationFilter(django_filters.FilterSet):
    """Words of the name or a code, kind, nature, province."""

    text = django_filters.CharFilter(label=_("Name or code"), method="search")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=OrganisationKind.choices)
    nature = django_filters.ChoiceFilter(label=_("Nature"), choices=Nature.choices)
    province = django_filters.ChoiceFilter(label=_("Province"), field_name="municipality__province")

    class Meta:
        model = Organisation
        fields = ["text", "kind", "nature", "province"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["province"].extra["choices"] = [(province, province) for province in provinces()]

    def search(self, queryset: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        """Every word in the name, or the whole text as one of the codes."""
        code = value.replace(" ", "").upper()
        words = Q()
        for word in value.split():
            words &= Q(name__icontains=word)
        return queryset.filter(words | Q(fiscal_code=code) | Q(vat_number=code) | Q(school_code=code))


class NetworkFilter(django_filters.FilterSet):
    """Words of the name or the code, kind."""

    text = django_filters.CharFilter(label=_("Name or code"), method="search")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=NetworkKind.choices)

    class Meta:
        model = Network
        fields = ["text", "kind"]
        form = PortalFilterForm

    def search(self, queryset: QuerySet[Network], name: str, value: str) -> QuerySet[Network]:
        """Every word in the name or in the code."""
        for word in value.split():
            queryset = queryset.filter(Q(name__icontains=word) | Q(code__icontains=word))
        return queryset


class PeopleFilter(django_filters.FilterSet):
    """Words of a name or of a body, role, whether the role is valid today."""

    text = django_filters.CharFilter(label=_("Person or body"), method="search")
    role = django_filters.ChoiceFilter(label=_("Role"), choices=ROLE_CHOICES)
    state = django_filters.ChoiceFilter(
        label=_("Validity"),
        choices=[("valid", _("Valid today")), ("ended", _("Ended or not begun"))],
        method="by_state",
    )

    class Meta:
        model = Membership
        fields = ["text", "role", "state"]
        form = PortalFilterForm

    def search(self, queryset: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Every word in the names of the person, in the address or in the name of the body."""
        for word in value.split():
            queryset = queryset.filter(
                Q(user__family_name__icontains=word)
                | Q(user__given_name__icontains=word)
                | Q(user__email__icontains=word)
                | Q(organisation__name__icontains=word)
            )
        return queryset

    def by_state(self, queryset: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Those valid today, or all the others."""
        valid = Membership.objects.valid_on(timezone.localdate()).values("pk")
        return queryset.filter(pk__in=valid) if value == "valid" else queryset.exclude(pk__in=valid)
