# SPDX-License-Identifier: EUPL-1.2
"""Signing in with e-mail and password: throttled, reset, refused to closed accounts; nobody signs up alone."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.urls import reverse

from accounts.services import deactivate_account, reactivate_account
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.outbox import send_pending_mail
from fami_portal.core.services import acting
from tests.personas import PASSWORD, a_user

pytestmark = pytest.mark.django_db
LOGIN = reverse("account_login")
NEW = "cinque parole nuove ancora segrete"


@pytest.fixture
def person():
    return a_user("anna")


def sign_in(client, password=PASSWORD, email="anna@example.org"):
    return client.post(LOGIN, {"login": email, "password": password})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_person_signs_in_whatever_the_case_of_the_address(client, person):
    answer = sign_in(client, email="Anna@Example.org")

    assert answer["Location"] == reverse("home")
    assert signed_in(client)
    person.refresh_from_db()
    assert person.last_login is not None, "written inside a service transaction"


def test_person_goes_on_where_the_sign_in_was_asked(client, person):
    answer = client.post(f"{LOGIN}?next=/profile/", {"login": person.email, "password": PASSWORD, "next": "/profile/"})

    assert answer["Location"] == "/profile/"
    client.logout()
    evil = client.post(LOGIN, {"login": person.email, "password": PASSWORD, "next": "https://example.com/"})
    assert evil["Location"] == reverse("home")


@pytest.mark.parametrize("email", ["anna@example.org", "nobody@example.org"])
def test_wrong_password_and_unknown_address_are_told_alike(client, person, email):
    page = sign_in(client, password="sbagliata sbagliata", email=email)

    assert page.status_code == 200
    assert not signed_in(client)
    errors = page.context["form"].non_field_errors()
    assert len(errors) == 1
    assert email not in errors[0]


def test_too_many_attempts_are_stopped(client, person):
    for _attempt in range(5):
        sign_in(client, password="sbagliata sbagliata")

    stopped = sign_in(client)

    assert not signed_in(client), "even with the right password"
    assert stopped.status_code in (200, 429)
    assert stopped.status_code == 429 or stopped.context["form"].errors


def test_closed_account_does_not_sign_in(client, person):
    deactivate_account(user=person, by=None, reason="Ha cambiato lavoro")

    answer = sign_in(client)

    assert not signed_in(client)
    assert answer.status_code in (200, 302)
    reactivate_account(user=person, by=None, reason="È tornata")
    assert sign_in(client)["Location"] == reverse("home")
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"account_deactivated", "account_reactivated"}


def test_open_session_of_a_closed_account_ends(client, person):
    sign_in(client)

    deactivate_account(user=person, by=None, reason="Ha cambiato lavoro")

    assert client.get("/profile/")["Location"].startswith(LOGIN)


def test_nobody_signs_up_alone(client):
    address = reverse("account_signup")

    assert "email" not in (client.get(address).context or {}).get("form", {})
    client.post(address, {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.exists()


def test_sign_out_asks_first(client, person):
    client.force_login(person)

    client.get(reverse("account_logout"))
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


# --- password ------------------------------------------------------------------------------------------------------


def test_password_changes_through_the_service_and_other_sessions_end(client, person):
    from django.test import Client

    other = Client()
    for one in (client, other):
        sign_in(one)
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )

    assert answer.status_code == 302
    assert AuditEvent.objects.get(verb="password_changed").actor_id == person.pk
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/")["Location"].startswith(LOGIN)
    person.refresh_from_db()
    assert person.check_password(NEW)


@pytest.mark.parametrize("weak", ["short", "password1234", "anna@example.org"])
def test_weak_password_is_refused(client, person, weak):
    client.force_login(person)

    page = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )

    assert page.status_code == 200
    assert page.context["form"].errors
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_reset_by_mail(client, person, mailoutbox):
    answer = client.post(reverse("account_reset_password"), {"email": "Anna@example.org"})
    assert answer["Location"] == reverse("account_reset_password_done")
    assert not mailoutbox, "the page does not wait for the mail server"
    send_pending_mail()
    text = mailoutbox[0].body
    assert "Anna" not in text.replace("anna@", ""), "no personal data"
    address = re.search(r"/account/password/reset/key/\S+", text)[0]
    assert not Message.objects.filter(body__contains=address).exists(), "a secret does not stay at rest"

    form = client.get(address, follow=True)
    changed = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    assert changed["Location"] == reverse("account_reset_password_from_key_done")
    assert sign_in(client, password=NEW)["Location"] == reverse("home")
    again = client.get(address, follow=True)
    assert b'name="password1"' not in again.content, "the link works once"


def test_reset_answers_alike_for_unknown_addresses(client, person):
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_reset_of_a_closed_account_sends_no_link(client, person, mailoutbox):
    deactivate_account(user=person, by=None, reason="Ha cambiato lavoro")

    client.post(reverse("account_reset_password"), {"email": person.email})
    send_pending_mail()

    assert not any("/reset/key/" in mail.body for mail in mailoutbox)


def test_password_kept_with_old_parameters_is_hashed_again_at_sign_in(client, person, settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    old = make_password(PASSWORD, hasher=PBKDF2PasswordHasher.algorithm)
    with acting(None):
        type(person).objects.filter(pk=person.pk).update(password=old)

    assert sign_in(client)["Location"] == reverse("home")

    person.refresh_from_db()
    assert not person.password.startswith("pbkdf2")
