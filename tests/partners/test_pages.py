# SPDX-License-Identifier: EUPL-1.2
"""Pages of bodies, networks, people and the own profile: they work, refuse at the field, keep what was typed."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.enums import NetworkRole
from partners.models import Invitation, Municipality, Network, NetworkMember, Organisation
from partners.services.invitations import invite
from partners.services.memberships import grant_membership
from partners.services.networks import add_member, register_network
from partners.services.organisations import register_organisation
from tests.personas import a_user

pytestmark = pytest.mark.django_db
BODY = {
    "name": "Cooperativa Nuova",
    "kind": "cooperative",
    "nature": "private",
    "fiscal_code": "8000 0900 011",
    "municipality": "torino",
}


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def manager(world, client):
    client.force_login(world.personas["regional_coordinator"])
    return client


# --- bodies --------------------------------------------------------------------------------------------------------


def test_list_filters_by_text_code_kind_nature_and_province(manager, world):
    def names(**query):
        response = manager.get(reverse("partners:organisations"), query)
        return {body.name for body in response.context["page"]}

    assert len(names()) == len(world.bodies)
    assert names(text="cooperativa due") == {"Cooperativa Due"}
    assert names(text="toic 80000a") == {"Istituto comprensivo Uno"}
    assert names(text=world.bodies["coop_3"].fiscal_code) == {"Cooperativa Tre"}
    assert names(kind="school") == {"Istituto comprensivo Uno", "Istituto comprensivo Tre"}
    assert "Cooperativa Uno" not in names(nature="public")
    assert names(province="TO") == names()
    assert names(kind="club") == names(), "a value that does not exist filters nothing"


def test_operator_sees_the_bodies_of_the_own_networks(client, world):
    client.force_login(world.personas["partner_operator"])

    page = client.get(reverse("partners:organisations"))

    assert {body.name for body in page.context["page"]} == {
        world.bodies[key].name for key in ("coop_1", "school_1", "service_1", "near")
    }
    assert "Registra un ente" not in text(page)


def test_lists_cost_the_same_with_thirty_rows_as_with_three(manager, world):
    pages = ["partners:organisations", "partners:networks", "partners:people"]

    def costs():
        found = {}
        for url in pages:
            with CaptureQueriesContext(connection) as queries:
                assert manager.get(reverse(url)).status_code == 200
            found[url] = len(queries)
        return found

    manager.get(reverse("partners:profile"))  # the session is written once
    few = costs()
    for number in range(30):
        body = register_organisation(
            by=None, name=f"Gruppo {number}", kind="migrant_association", informal_reason="informal_group"
        )
        network = register_network(
            by=None, code=f"R{number}", name=f"Rete {number}", kind="single_body", parent=world.networks["n1"]
        )
        add_member(network=network, organisation=body, role=NetworkRole.LEAD, entered_on=date(2019, 1, 1), by=None)
        grant_membership(
            user=a_user(f"p{number}"), organisation=body, role="network_coordinator", networks=[network], by=None
        )
        invite(email=f"i{number}@example.org", organisation=body, role="teacher", by=None)

    assert costs() == few
    assert max(few.values()) <= 15


def test_list_is_downloaded_as_it_is_filtered(manager, world):
    import openpyxl

    address = reverse("partners:organisations-export", args=["csv"])
    csv = b"".join(manager.get(address, {"kind": "cooperative"}).streaming_content).decode("utf-8-sig")
    assert [line.split(";")[0] for line in csv.splitlines()] == [
        "Ente",
        "Cooperativa Due",
        "Cooperativa Tre",
        "Cooperativa Uno",
    ]
    answer = manager.get(reverse("partners:networks-export", args=["xlsx"]))
    import io

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.active.max_row == 1 + len(world.networks)
    assert answer["Content-Disposition"].startswith('attachment; filename="reti-')


def test_download_shows_tax_codes_only_to_those_who_manage(client, world):
    client.force_login(world.personas["evaluator"])

    csv = b"".join(client.get(reverse("partners:organisations-export", args=["csv"])).streaming_content).decode()

    assert world.bodies["coop_1"].fiscal_code not in csv


def test_body_is_registered_and_shown(manager):
    answer = manager.post(reverse("partners:organisation-new"), BODY)
    body = Organisation.objects.get(name="Cooperativa Nuova")

    assert answer["Location"] == body.get_absolute_url()
    assert (body.fiscal_code, body.municipality.code) == ("80000900011", "001272")
    page = text(manager.get(body.get_absolute_url()))
    assert "80000900011" in page
    assert "Ente registrato" in page, "its history"
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"fiscal_code": "12345678901"}, "fiscal_code"),
        ({"fiscal_code": ""}, "fiscal_code"),
        ({"kind": "school"}, "school_code"),
        ({"municipality": "Atlantide"}, "municipality"),
        ({"name": ""}, "name"),
        ({"kind": ""}, "kind"),
        ({"vat_number": "1"}, "vat_number"),
        ({"email": "nowhere"}, "email"),
    ],
)
def test_wrong_facts_are_told_at_the_field_and_kept(manager, typed, field):
    page = manager.post(reverse("partners:organisation-new"), {**BODY, "address": "Via dei Test 1", **typed})

    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert "Via dei Test 1" in text(page)
    assert not Organisation.objects.filter(address="Via dei Test 1").exists()


def test_double_of_a_body_is_told_at_its_code(manager, world):
    page = manager.post(
        reverse("partners:organisation-new"), {**BODY, "fiscal_code": world.bodies["coop_2"].fiscal_code}
    )

    assert page.context["form"].errors["fiscal_code"] == ["Esiste già un ente con questo codice fiscale."]


def test_same_name_in_two_provinces_asks_which(manager, world):
    from fami_portal.core.services import acting

    with acting(None):
        Municipality.objects.create(code="022035", name="Calliano", province="TN", region="Trentino-Alto Adige")
        Municipality.objects.create(code="005014", name="Calliano", province="AT", region="Piemonte")

    page = manager.post(reverse("partners:organisation-new"), {**BODY, "municipality": "Calliano"})
    assert "Calliano (TN)" in str(page.context["form"].errors["municipality"])
    manager.post(reverse("partners:organisation-new"), {**BODY, "municipality": "calliano (at)"})

    assert Organisation.objects.get(name="Cooperativa Nuova").municipality.code == "005014"


def test_stale_page_says_so_keeps_the_data_and_can_be_sent_again(manager, world):
    body = world.bodies["coop_1"]
    address = reverse("partners:organisation-edit", args=[body.uuid])
    values = {
        "name": body.name,
        "kind": body.kind,
        "nature": body.nature,
        "fiscal_code": body.fiscal_code,
        "municipality": "Torino (TO)",
    }
    assert 'value="Torino (TO)"' in text(manager.get(address))
    manager.post(address, {**values, "version": body.version, "address": "Via Prima 1"})

    page = manager.post(address, {**values, "version": body.version, "address": "Via Seconda 2"})

    assert page.status_code == 200
    assert "Via Seconda 2" in text(page)
    body.refresh_from_db()
    assert body.address == "Via Prima 1"
    again = manager.post(
        address, {**values, "version": page.context["form"].data["version"], "address": "Via Seconda 2"}
    )
    assert again.status_code == 302
    body.refresh_from_db()
    assert body.address == "Via Seconda 2"
    assert manager.post(address, {**values, "version": "nonsense"}).status_code == 200


def test_people_are_shown_to_colleagues_without_their_addresses(client, world):
    address = world.bodies["coop_1"].get_absolute_url()

    client.force_login(world.personas["mediator"])
    page = text(client.get(address))
    assert "Persona Partner_Operator" in page
    assert "partner.operator@example.org" not in page
    client.force_login(world.personas["teacher"])
    assert "Persona Partner_Operator" not in text(client.get(address))


# --- networks ------------------------------------------------------------------------------------------------------


def test_network_is_registered_corrected_and_shown_with_whom_it_coordinates(manager, world):
    typed = {"code": "ATS-9", "name": "Rete Nove", "kind": "temporary_association", "starts_on": "01/09/2018"}
    answer = manager.post(
        reverse("partners:network-new"), {**typed, "parent": world.networks["n1"].uuid, "municipalities": "Torino\n"}
    )
    network = Network.objects.get(code="ATS-9")

    assert answer["Location"] == network.get_absolute_url()
    assert network.municipalities.get().code == "001272"
    assert "Rete Nove" in text(manager.get(world.networks["n1"].get_absolute_url()))
    edit = reverse("partners:network-edit", args=[network.uuid])
    assert "Torino (TO)" in text(manager.get(edit))
    manager.post(edit, {"name": "Rete 9", "kind": "single_body", "version": network.version, "municipalities": ""})
    network.refresh_from_db()
    assert (network.name, network.code, network.parent, network.starts_on) == ("Rete 9", "ATS-9", None, None)


def test_wrong_facts_of_a_network_are_told_at_the_field(manager, world):
    typed = {"code": "ATS-1", "name": "Rete Nove", "kind": "single_body"}

    page = manager.post(reverse("partners:network-new"), typed)
    assert "code" in page.context["form"].errors
    page = manager.post(
        reverse("partners:network-new"),
        {
            **typed,
            "code": "X",
            "starts_on": "2019-01-01",
            "ends_on": "2018-01-01",
            "municipalities": "Torino\nAtlantide",
        },
    )
    assert list(page.context["form"].errors) == ["municipalities"]
    assert "Atlantide" in text(page)
    page = manager.post(
        reverse("partners:network-new"), {**typed, "code": "X", "starts_on": "2019-01-01", "ends_on": "2018-01-01"}
    )
    assert "ends_on" in page.context["form"].errors
    assert not Network.objects.filter(name="Rete Nove").exists()


def test_network_edit_refuses_to_coordinate_itself(manager, world):
    first, second = world.networks["n1"], world.networks["n2"]
    facts = {"kind": "temporary_association", "municipalities": ""}
    manager.post(
        reverse("partners:network-edit", args=[second.uuid]),
        {**facts, "name": second.name, "parent": first.uuid, "version": 1},
    )

    page = manager.post(
        reverse("partners:network-edit", args=[first.uuid]),
        {**facts, "name": "Altro nome", "parent": second.uuid, "version": 1},
    )

    assert "parent" in page.context["form"].errors
    first.refresh_from_db()
    assert first.name == "Rete ATS-1", "nothing half-written"


def test_member_enters_and_leaves(manager, world):
    network, body = world.networks["n2"], world.bodies["near"]
    new = reverse("partners:member-new", args=[network.uuid])

    assert (
        manager.post(new, {"organisation": body.uuid, "role": "lead", "entered_on": "01/10/2018"})
        .context["form"]
        .errors["role"]
    )
    answer = manager.post(new, {"organisation": body.uuid, "role": "adherent", "entered_on": "01/10/2018"})
    assert answer["Location"] == network.get_absolute_url()
    stay = NetworkMember.objects.get(network=network, organisation=body)
    end = reverse("partners:member-end", args=[stay.uuid])
    assert manager.post(end, {"left_on": "30/09/2018"}).context["form"].errors["left_on"]
    assert manager.post(end, {"left_on": "domani"}).context["form"].errors["left_on"]
    assert manager.post(end, {"left_on": "30/06/2019"}).status_code == 302

    page = text(manager.get(network.get_absolute_url()))
    assert "Chi è uscito" in page
    assert "30/06/2019" in page
    # A page opened before, sent after.
    assert manager.post(end, {"left_on": "30/06/2019"}).context["form"].non_field_errors()


# --- people --------------------------------------------------------------------------------------------------------


def test_people_page_lists_and_filters(manager, world):
    def emails(**query):
        page = manager.get(reverse("partners:people"), query)
        return {membership.user.email for membership in page.context["page"]}

    assert len(emails()) == len(world.personas)
    assert emails(role="teacher") == {"teacher@example.org"}
    assert emails(text="unopoli") == {"service.operator@example.org", "desk.operator@example.org"}
    assert emails(state="ended") == set()
    assert len(emails(state="valid")) == len(world.personas)


def test_invitation_is_sent_seen_and_revoked(manager, world):
    typed = {"email": "nuova@example.org", "organisation": world.bodies["coop_1"].uuid, "role": "teacher"}
    form = text(manager.get(reverse("partners:invite"), {"organisation": world.bodies["coop_1"].uuid}))
    assert f'value="{world.bodies["coop_1"].uuid}" selected' in form
    assert "Cooperativa Tre" not in form, "not a body of the own programmes"
    assert 'value="administrator"' not in form

    assert manager.post(reverse("partners:invite"), typed).status_code == 302
    assert "nuova@example.org" in text(manager.get(reverse("partners:people")))
    again = manager.post(reverse("partners:invite"), typed)
    assert again.context["form"].errors["email"]
    wrong = manager.post(reverse("partners:invite"), {**typed, "email": "x@example.org", "role": "network_coordinator"})
    assert wrong.context["form"].errors["networks"]

    invitation = Invitation.objects.get()
    address = reverse("partners:invitation-revoke", args=[invitation.uuid])
    assert "nuova@example.org" in text(manager.get(address))
    assert manager.post(address).status_code == 302
    assert manager.post(address).status_code == 404, "it waits for nobody now"


def test_role_is_ended_from_its_page(manager, world):
    membership = world.personas["teacher"].memberships.get()
    address = reverse("partners:membership-end", args=[membership.uuid])

    assert manager.post(address, {"last_day": "01/01/2018"}).context["form"].errors["last_day"]
    assert manager.post(address, {"last_day": "31/08/2019", "reason": "Fine incarico"}).status_code == 302

    membership.refresh_from_db()
    assert membership.valid_until == date(2019, 8, 31)
    assert "Terminato" in text(manager.get(reverse("partners:people"), {"role": "teacher"}))
    assert manager.post(address, {"last_day": "31/08/2019"}).context["form"].non_field_errors()


def test_profile_shows_the_roles_and_corrects_the_name(client, world):
    person = world.personas["network_coordinator"]
    client.force_login(person)
    page = text(client.get(reverse("partners:profile")))

    assert "Cooperativa Uno" in page
    assert "Rete ATS-1" in page
    assert reverse("account_change_password") in page
    assert client.post(reverse("partners:profile"), {"given_name": "", "family_name": "X"}).context["form"].errors
    client.post(reverse("partners:profile"), {"given_name": "Anna  Maria", "family_name": "Prova"})
    person.refresh_from_db()
    assert person.full_name == "Anna Maria Prova"


def test_profile_of_who_has_no_role_says_what_to_do(client, world):
    client.force_login(world.stranger)

    assert "nessun ruolo" in text(client.get(reverse("partners:profile")))
