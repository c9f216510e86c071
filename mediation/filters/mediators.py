# SPDX-License-Identifier: EUPL-1.2
"""Filters of the register of mediators, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.forms import PortalFilterForm
from mediation.enums import MediatorProfile
from mediation.models import Mediator, MediatorLanguage, MediatorQualification, MediatorTerritory
from mediation.selectors.mediators import SOON
from partners.models import Language, Organisation

ACTIVE, INACTIVE = "yes", "no"


class MediatorFilter(django_filters.FilterSet):
    """Words of the name, language, profile, provider, province, availability, expiry; choices of what is visible."""

    text = django_filters.CharFilter(label=_("Name"), method="search")
    language = django_filters.ModelChoiceFilter(
        label=_("Language"), queryset=Language.objects.none(), method="by_language"
    )
    profile = django_filters.ChoiceFilter(label=_("Profile"), choices=MediatorProfile.choices, method="by_profile")
    organisation = django_filters.ModelChoiceFilter(label=_("Provider body"), queryset=Organisation.objects.none())
    province = django_filters.ChoiceFilter(label=_("Province"), method="by_province")
    active = django_filters.ChoiceFilter(
        label=_("Assignments"),
        choices=[(ACTIVE, _("Available")), (INACTIVE, _("Not available"))],
        method="by_activity",
    )
    expiry = django_filters.ChoiceFilter(
        label=_("Qualifications"),
        choices=[("expired", _("Expired")), ("soon", _("Expiring within 60 days"))],
        method="by_expiry",
    )

    class Meta:
        model = Mediator
        fields = ["text", "language", "profile", "organisation", "province", "active", "expiry"]
        form = PortalFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Mediator.objects.visible_to(self.request.user).values("pk")
        spoken = MediatorLanguage.objects.filter(mediator__in=visible)
        places = MediatorTerritory.objects.filter(mediator__in=visible).order_by("province")
        self.filters["language"].queryset = Language.objects.filter(pk__in=spoken.values("language")).order_by("name")
        self.filters["organisation"].queryset = (
            Organisation.objects.filter(mediators__in=visible).distinct().order_by("name", "pk")
        )
        self.filters["province"].extra["choices"] = [
            (province, province) for province in places.values_list("province", flat=True).distinct()
        ]

    def search(self, queryset: QuerySet[Mediator], name: str, value: str) -> QuerySet[Mediator]:
        """Every word in the given name or in the family name."""
        for word in value.split():
            queryset = queryset.filter(Q(family_name__icontains=word) | Q(given_name__icontains=word))
        return queryset

    def by_language(self, queryset: QuerySet[Mediator], name: str, value: Language) -> QuerySet[Mediator]:
        """Those who speak the language, whatever the level."""
        return queryset.filter(pk__in=MediatorLanguage.objects.filter(language=value).values("mediator"))

    def by_profile(self, queryset: QuerySet[Mediator], name: str, value: str) -> QuerySet[Mediator]:
        """Those who do this; who does both counts for each."""
        return queryset.filter(profile__in={value, MediatorProfile.BOTH})

    def by_province(self, queryset: QuerySet[Mediator], name: str, value: str) -> QuerySet[Mediator]:
        """Those who work in the province, or in a municipality of it."""
        return queryset.filter(pk__in=MediatorTerritory.objects.filter(province=value).values("mediator"))

    def by_activity(self, queryset: QuerySet[Mediator], name: str, value: str) -> QuerySet[Mediator]:
        """Those who can be given assignments, or cannot."""
        return queryset.filter(is_active=value == ACTIVE)

    def by_expiry(self, queryset: QuerySet[Mediator], name: str, value: str) -> QuerySet[Mediator]:
        """Those with a qualification that has expired, or expires soon."""
        today = clock.today()
        rows = MediatorQualification.objects.all()
        rows = (
            rows.filter(expires_on__lt=today)
            if value == "expired"
            else rows.filter(expires_on__gte=today, expires_on__lte=today + SOON)
        )
        return queryset.filter(pk__in=rows.values("mediator"))
