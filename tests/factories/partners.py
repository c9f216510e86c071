# SPDX-License-Identifier: EUPL-1.2
"""Bodies, networks, people and their memberships."""

from datetime import date
from typing import Any

import factory
from django.contrib.auth import get_user_model

from partners.enums import InformalReason, Nature, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Country, Language, Membership, Network, NetworkMember, Organisation
from tests.factories.base import PortalFactory


class UserFactory(PortalFactory):
    """A person with an account and an invented name."""

    class Meta:
        model = get_user_model()

    email = factory.Sequence(lambda n: f"persona{n}@example.org")
    given_name = "Prova"
    family_name = factory.Sequence(lambda n: f"Persona{n}")


class CountryFactory(PortalFactory):
    """A country; Morocco unless told."""

    class Meta:
        model = Country
        django_get_or_create = ("code",)

    code = "MA"
    name = "Marocco"
    official_label = "Marocco"
    is_third_country = True


class LanguageFactory(PortalFactory):
    """A language; Arabic unless told."""

    class Meta:
        model = Language
        django_get_or_create = ("code",)

    code = "ar"
    name = "arabo"


class OrganisationFactory(PortalFactory):
    """A body without a tax code, which is accepted with its reason."""

    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Ente di prova {n}")
    kind = OrganisationKind.COOPERATIVE
    nature = Nature.PRIVATE
    informal_reason = InformalReason.NOT_COLLECTED


class NetworkFactory(PortalFactory):
    """A network without members."""

    class Meta:
        model = Network

    code = factory.Sequence(lambda n: f"RETE-PROVA-{n}")
    name = factory.Sequence(lambda n: f"Rete di prova {n}")
    kind = NetworkKind.TEMPORARY_ASSOCIATION


class NetworkMemberFactory(PortalFactory):
    """The stay of a body in a network since long ago."""

    class Meta:
        model = NetworkMember

    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = NetworkRole.MEMBER
    entered_on = date(2018, 1, 1)


class MembershipFactory(PortalFactory):
    """A person works in a body as partner operator, unless told otherwise."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = "partner_operator"
    valid_from = date(2018, 1, 1)

    @factory.post_generation
    def networks(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        if create and extracted:
            self.networks.set(extracted)
