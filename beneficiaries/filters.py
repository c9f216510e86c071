# SPDX-License-Identifier: EUPL-1.2
"""Filters of the list of recipients, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from actions.models import Activity, Programme, TargetGroup
from beneficiaries.enums import Eligibility, NotCounted, PairState, ReadKind, Similarity
from beneficiaries.models import Beneficiary, Enrolment, Pair, ReadEntry
from beneficiaries.selectors import normal_pseudonym
from beneficiaries.selectors.not_counted import reason_condition
from beneficiaries.selectors.readings import readings_for, recipients_with_readings
from fami_portal.core.forms import PortalFilterForm
from partners.models import Network, Organisation
from partners.permissions import organisations_with


class BeneficiaryFilter(django_filters.FilterSet):
    """Pseudonym or own code, programme, group, body, eligibility."""

    text = django_filters.CharFilter(label=_("Pseudonym or own code"), method="search")
    programme = django_filters.ModelChoiceFilter(label=_("Programme"), queryset=Programme.objects.none())
    target_group = django_filters.ModelChoiceFilter(label=_("Target group"), queryset=TargetGroup.objects.none())
    registered_by = django_filters.ModelChoiceFilter(label=_("Registered by"), queryset=Organisation.objects.none())
    eligibility = django_filters.ChoiceFilter(label=_("Eligibility"), choices=Eligibility.choices)

    class Meta:
        model = Beneficiary
        fields = ["text", "programme", "target_group", "registered_by", "eligibility"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Beneficiary.objects.visible_to(self.request.user)
        for name, rows in (
            ("programme", Programme.objects.filter(pk__in=visible.values("programme")).order_by("title", "pk")),
            (
                "target_group",
                TargetGroup.objects.filter(pk__in=visible.values("target_group")).order_by("title", "pk"),
            ),
            (
                "registered_by",
                Organisation.objects.filter(pk__in=visible.values("registered_by")).order_by("name", "pk"),
            ),
        ):
            self.filters[name].queryset = rows

    def search(self, queryset: QuerySet[Beneficiary], name: str, value: str) -> QuerySet[Beneficiary]:
        """The pseudonym from its beginning, or the own code where it is one's own."""
        own = [body.pk for body in organisations_with(self.request.user, Permission.VIEW_BENEFICIARIES)]
        return queryset.filter(
            Q(pseudonym__istartswith=value.strip())
            | Q(pseudonym=normal_pseudonym(value))
            | Q(local_code__icontains=value.strip(), registered_by__in=own)
        )


class NotCountedFilter(django_filters.FilterSet):
    """Programme, network, reason of those who are served and not counted."""

    programme = django_filters.ModelChoiceFilter(
        label=_("Programme"), field_name="activity__programme", queryset=Programme.objects.none()
    )
    network = django_filters.ModelChoiceFilter(
        label=_("Network"), field_name="activity__network", queryset=Network.objects.none()
    )
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=NotCounted.choices, method="because")

    class Meta:
        model = Enrolment
        fields = ["programme", "network", "reason"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Activity.objects.visible_to(self.request.user, Permission.VIEW_BENEFICIARIES)
        for name, rows in (
            ("programme", Programme.objects.filter(pk__in=visible.values("programme")).order_by("title", "pk")),
            ("network", Network.objects.filter(pk__in=visible.values("network")).order_by("name", "pk")),
        ):
            self.filters[name].queryset = rows

    def because(self, queryset: QuerySet[Enrolment], name: str, value: str) -> QuerySet[Enrolment]:
        """Those for whom this is one of the reasons."""
        return queryset.filter(reason_condition(value))


class PairFilter(django_filters.FilterSet):
    """Programme, state, similarity of pairs that may be one person."""

    programme = django_filters.ModelChoiceFilter(label=_("Programme"), queryset=Programme.objects.none())
    state = django_filters.ChoiceFilter(label=_("State"), choices=PairState.choices)
    similarity = django_filters.ChoiceFilter(label=_("Similarity"), choices=Similarity.choices)

    class Meta:
        model = Pair
        fields = ["programme", "state", "similarity"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Pair.objects.visible_to(self.request.user).values("programme")
        self.filters["programme"].queryset = Programme.objects.filter(pk__in=visible).order_by("title", "pk")


class ReadingFilter(django_filters.FilterSet):
    """Who read, whose recipients, how, when, which recipient."""

    recipient = django_filters.CharFilter(label=_("Pseudonym"), method="of_recipient")
    reader = django_filters.ModelChoiceFilter(label=_("Who"), field_name="actor", queryset=User.objects.none())
    body = django_filters.ModelChoiceFilter(
        label=_("Recipients of"), field_name="chain__organisation", queryset=Organisation.objects.none()
    )
    kind = django_filters.ChoiceFilter(label=_("What"), choices=ReadKind.choices)
    since = django_filters.DateFilter(label=_("From"), field_name="at", lookup_expr="date__gte")
    until = django_filters.DateFilter(label=_("Until"), field_name="at", lookup_expr="date__lte")

    class Meta:
        model = ReadEntry
        fields = ["recipient", "reader", "body", "kind", "since", "until"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = readings_for(self.request.user).order_by()
        self.filters["reader"].queryset = User.objects.filter(pk__in=visible.values("actor")).order_by(
            "family_name", "given_name", "pk"
        )
        self.filters["body"].queryset = Organisation.objects.filter(
            pk__in=visible.values("chain__organisation")
        ).order_by("name", "pk")

    def of_recipient(self, queryset: QuerySet[ReadEntry], name: str, value: str) -> QuerySet[ReadEntry]:
        """The readings of the recipient with this pseudonym, if the person may see them."""
        found = recipients_with_readings(self.request.user).filter(pseudonym=normal_pseudonym(value))
        return queryset.filter(subjects__overlap=list(found.order_by("pk").values_list("pk", flat=True)))
