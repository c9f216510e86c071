# SPDX-License-Identifier: EUPL-1.2
"""Accounts and the vocabulary of roles."""

import pytest
from django.db import IntegrityError, InternalError
from django.urls import reverse

from accounts.models import User
from accounts.permissions import ROLES, Permission, roles_with
from accounts.services import create_account, update_profile
from fami_portal.core.errors import DomainError
from fami_portal.core.models import RowHistory
from tests.personas import a_user

pytestmark = pytest.mark.django_db


def test_one_account_per_address_whatever_its_case():
    user = create_account(email=" Anna@Example.org", given_name="Anna", family_name="Prova", password=None, by=None)

    assert user.email == "anna@example.org"
    assert not user.has_usable_password()
    assert User.objects.get_by_natural_key("ANNA@example.org") == user
    with pytest.raises(IntegrityError):
        create_account(email="ANNA@example.org", given_name="A", family_name="B", password=None, by=None)


def test_account_is_not_written_outside_a_service():
    user = a_user("anna")

    with pytest.raises(InternalError, match="outside a service transaction"):
        User.objects.filter(pk=user.pk).update(is_active=False)


def test_history_keeps_no_name_address_or_password():
    user = a_user("anna")
    update_profile(user=user, given_name="Annamaria", family_name="Nuova")

    rows = RowHistory.objects.filter(table_name="accounts_user", row_id=str(user.pk)).order_by("id")
    assert rows
    assert "anna" not in "".join(str(row.changes) for row in rows).lower()


def test_name_is_never_empty():
    with pytest.raises(DomainError) as refusal:
        update_profile(user=a_user("anna"), given_name=" ", family_name="Prova")

    assert refusal.value.field == "given_name"


def test_every_permission_is_held_by_a_role_and_transmission_by_one():
    assert all(roles_with(permission) for permission in Permission)
    assert roles_with(Permission.TRANSMIT_OUTPUT_REPORTS) == ["regional_coordinator"]
    assert not set(roles_with(Permission.VIEW_BENEFICIARIES)) & {"administrator", "data_protection_officer", "auditor"}


def test_page_of_the_roles_says_what_each_may_do(client):
    client.force_login(a_user("anna"))

    page = client.get(reverse("accounts:roles")).content.decode()

    for role in ROLES.values():
        assert f'id="role-{role.code}"' in page
    assert "Coordinatore regionale" in page or "Coordinatrice" in page
    assert page.count("<h1") == 1
