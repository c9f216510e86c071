# SPDX-License-Identifier: EUPL-1.2
"""Invitations: a secret address, good once and for three days."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent, Message
from partners.models import Invitation
from partners.services.invitations import accept_invitation, invite, revoke_invitation
from tests.personas import PASSWORD, a_user

pytestmark = pytest.mark.django_db
EMAIL = "nuova.persona@example.org"
NAMES = {"given_name": "Nuova", "family_name": "Persona"}


@pytest.fixture
def sent(world):
    return invite(
        email=" Nuova.Persona@Example.org ",
        organisation=world.bodies["coop_1"],
        role="partner_operator",
        by=world.personas["regional_coordinator"],
    )


@pytest.fixture
def address(sent):
    return reverse("partners:invitation", args=[sent.token])


def test_only_the_hash_of_the_token_is_kept(sent):
    row = Invitation.objects.get()

    assert row.token_sha256 == hashlib.sha256(sent.token.encode()).hexdigest()
    assert row.email == EMAIL
    assert row.expires_at - row.created_at == pytest.approx(timedelta(hours=72), abs=timedelta(minutes=1))
    assert len(sent.token) >= 40


def test_mail_leaves_through_the_outbox_without_names(world, mailoutbox):
    from fami_portal.core.outbox import send_pending_mail

    sent = invite(email=EMAIL, organisation=world.bodies["coop_1"], role="partner_operator", by=None, **NAMES)
    message = Message.objects.get(kind="invitation")
    assert message.address == EMAIL
    assert sent.token in message.url
    text = message.subject + message.body
    assert "Cooperativa Uno" in text
    assert not any(name in text for name in NAMES.values())

    send_pending_mail()

    assert sent.token in mailoutbox[0].body
    message.refresh_from_db()
    assert sent.token not in message.url + message.body, "a secret does not stay at rest"


def test_invitation_is_open_once_per_address_body_and_role(world, sent):
    same = {"email": EMAIL, "organisation": world.bodies["coop_1"], "role": "partner_operator", "by": None}

    with pytest.raises(DomainError) as refusal:
        invite(**same)
    assert refusal.value.field == "email"
    later = timezone.now() + timedelta(hours=73)
    assert invite(**same, at=later).token != sent.token, "an expired one is closed by the next"
    assert Invitation.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": "network_coordinator"}, "networks"),
        ({"email": "partner.operator@example.org"}, "email"),
    ],
)
def test_invitation_that_makes_no_sense_is_refused(world, values, field):
    wanted = {"email": EMAIL, "organisation": world.bodies["coop_1"], "role": "partner_operator", "by": None}

    with pytest.raises(DomainError) as refusal:
        invite(**{**wanted, **values})

    assert refusal.value.field == field
    assert not Message.objects.exists()


def test_who_does_not_manage_people_cannot_invite(world):
    with pytest.raises(NotPermitted):
        invite(
            email=EMAIL,
            organisation=world.bodies["coop_1"],
            role="partner_operator",
            by=world.personas["partner_operator"],
        )


def test_new_person_gets_account_and_role(world, sent):
    membership = accept_invitation(token=sent.token, password=PASSWORD, **NAMES)

    person = membership.user
    assert (person.email, person.full_name) == (EMAIL, "Nuova Persona")
    assert person.check_password(PASSWORD)
    assert (membership.organisation, membership.role) == (world.bodies["coop_1"], "partner_operator")
    assert membership.valid_from == timezone.localdate()
    row = Invitation.objects.get()
    assert row.accepted_by == person
    assert AuditEvent.objects.filter(verb="invitation_accepted", actor_id=person.pk).exists()
    told = Message.objects.get(kind="invitation_accepted")
    assert told.recipient == world.personas["regional_coordinator"]
    assert "Nuova" not in told.subject + told.body


def test_invitation_is_used_once(sent):
    accept_invitation(token=sent.token, password=PASSWORD, **NAMES)

    with pytest.raises(DomainError):
        accept_invitation(token=sent.token, password=PASSWORD, **NAMES)


@pytest.mark.parametrize("password", ["short", "password1234", "nuova.persona@example.org"])
def test_weak_password_is_refused_and_nothing_is_written(sent, password):
    with pytest.raises(DomainError) as refusal:
        accept_invitation(token=sent.token, password=password, **NAMES)

    assert refusal.value.field == "password"
    assert not get_user_model().objects.filter(email=EMAIL).exists()


def test_names_are_asked(sent):
    with pytest.raises(DomainError) as refusal:
        accept_invitation(token=sent.token, password=PASSWORD, given_name=" ", family_name="Persona")

    assert refusal.value.field == "given_name"


def test_existing_account_gets_the_role_only_when_signed_in(world):
    person = a_user("known")
    sent = invite(email="KNOWN@example.org", organisation=world.bodies["coop_1"], role="teacher", by=None)

    for by in (None, world.personas["administrator"]):
        with pytest.raises(DomainError):
            accept_invitation(token=sent.token, by=by, password=PASSWORD, **NAMES)
    membership = accept_invitation(token=sent.token, by=person)

    assert membership.user == person
    assert person.check_password(PASSWORD), "the password is still the person's own"


def test_expired_invitation_is_refused(sent):
    with pytest.raises(DomainError):
        accept_invitation(
            token=sent.token, password=PASSWORD, at=timezone.now() + timedelta(hours=72, seconds=1), **NAMES
        )


def test_revoked_invitation_is_refused(world, sent):
    with pytest.raises(NotPermitted):
        revoke_invitation(invitation=sent.invitation, by=world.personas["teacher"])
    revoke_invitation(invitation=sent.invitation, by=world.personas["administrator"])

    with pytest.raises(DomainError):
        accept_invitation(token=sent.token, password=PASSWORD, **NAMES)
    with pytest.raises(DomainError):
        revoke_invitation(invitation=sent.invitation, by=None)


def test_networks_of_the_invitation_come_with_the_role(world):
    networks = [world.networks["n1"], world.networks["n2"]]
    sent = invite(
        email=EMAIL, organisation=world.bodies["coop_1"], role="network_coordinator", networks=networks, by=None
    )

    membership = accept_invitation(token=sent.token, password=PASSWORD, **NAMES)

    assert set(membership.networks.order_by("pk")) == set(networks)


# --- the page ------------------------------------------------------------------------------------------------------


def test_page_shows_and_only_a_post_acts(client, address):
    page = client.get(address)

    assert page.status_code == 200
    assert "Cooperativa Uno" in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    assert Invitation.objects.get().accepted_at is None


def test_page_opens_the_account_and_the_person_signs_in(client, address):
    answer = client.post(address, {**NAMES, "password": PASSWORD, "password_again": PASSWORD})
    assert answer["Location"] == reverse("account_login")

    signed_in = client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})

    assert signed_in.status_code == 302
    assert "Cooperativa Uno" in client.get(reverse("partners:profile")).content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password_again": "altra frase lunga"}, "password_again"),
        ({"given_name": ""}, "given_name"),
        ({"password": "password1234", "password_again": "password1234"}, "password"),
    ],
)
def test_page_tells_what_is_wrong_and_keeps_what_was_typed(client, address, typed, field):
    page = client.post(address, {**NAMES, "password": PASSWORD, "password_again": PASSWORD, **typed})

    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert 'value="Persona"' in page.content.decode()
    assert not get_user_model().objects.filter(email=EMAIL).exists()


def test_page_of_a_used_revoked_or_expired_invitation_is_gone(client, world, sent, address, time_machine):
    assert client.get(reverse("partners:invitation", args=["unknown"])).status_code == 404
    time_machine.move_to(timezone.now() + timedelta(hours=73))
    expired = client.get(address)
    assert expired.status_code == 410
    assert "scaduto" in expired.content.decode()
    revoke_invitation(invitation=sent.invitation, by=None)
    assert "revocato" in client.post(address, NAMES).content.decode()


def test_who_has_an_account_signs_in_first(client, world):
    person = a_user("known")
    sent = invite(email=person.email, organisation=world.bodies["coop_1"], role="teacher", by=None)
    address = reverse("partners:invitation", args=[sent.token])

    assert "account/login/?next=" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 200
    client.force_login(world.personas["teacher"])
    assert "altro indirizzo" in client.get(address).content.decode()
    assert not person.memberships.exists()

    client.force_login(person)
    assert client.post(address, {})["Location"] == reverse("partners:profile")
    assert person.memberships.get().role == "teacher"
