# SPDX-License-Identifier: EUPL-1.2
"""Deeds of networks: recorded once, with a file for those who keep or check the work."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fami_portal.core.documents import DocumentRefused, check_document
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from partners.enums import DeedKind
from partners.models import NetworkDeed
from partners.selectors.deeds import DEED
from partners.services.deeds import record_deed, update_deed
from partners.services.networks import add_member, end_member

pytestmark = pytest.mark.django_db
DAY = date(2019, 1, 10)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


def deed_of(world, **values) -> NetworkDeed:
    return record_deed(
        **{
            "network": world.networks["n1"],
            "kind": DeedKind.ASSOCIATION_DEED,
            "signed_on": DAY,
            "today": DAY,
            "by": None,
        }
        | values
    )


def the_field(call, *args, **values) -> str | None:
    with pytest.raises(DomainError) as refusal:
        call(*args, **values)
    return refusal.value.field


def test_a_deed_that_cannot_be_is_refused(world):
    deed_of(world, repertory_number=" 12  / 2019 ")

    assert the_field(deed_of, world, repertory_number="12 / 2019") == "repertory_number"
    assert the_field(deed_of, world, signed_on=date(2019, 1, 11)) == "signed_on"
    assert the_field(deed_of, world, kind=DeedKind.EXIT) == "organisation"
    assert the_field(deed_of, world, kind="letter") == "kind"
    deed_of(world), deed_of(world)  # without a number they may be two
    with pytest.raises(NotPermitted):
        deed_of(world, by=world.personas["partner_operator"])
    assert NetworkDeed.objects.count() == 3


def test_a_stay_begins_and_ends_by_deeds_of_its_own(world):
    network, body = world.networks["n2"], world.bodies["coop_1"]
    other = deed_of(world)
    foreign = deed_of(world, network=network, kind=DeedKind.ACCESSION, organisation=world.bodies["coop_3"])
    own = deed_of(world, network=network, kind=DeedKind.ACCESSION, organisation=body)
    entry = {"network": network, "organisation": body, "role": "member", "entered_on": DAY, "by": None}

    assert the_field(add_member, **entry, deed=other) == "deed"
    assert the_field(add_member, **entry, deed=foreign) == "deed"
    stay = add_member(**entry, deed=own)
    assert the_field(end_member, member=stay, left_on=date(2019, 6, 1), deed=foreign, by=None) == "deed"
    end_member(member=stay, left_on=date(2019, 6, 1), by=None, exit_reason="withdrawn")
    assert (stay.entry_deed, own.entries.get()) == (own, stay)
    with pytest.raises(StaleError):
        update_deed(deed=own, version=9, kind=own.kind, signed_on=DAY, today=DAY, organisation=body, by=None)
    assert (
        the_field(
            update_deed,
            deed=own,
            version=1,
            kind=own.kind,
            signed_on=DAY,
            today=DAY,
            organisation=world.bodies["coop_3"],
            by=None,
        )
        == "organisation"
    )


def test_pages_record_a_deed_once_and_hand_out_its_file(client, world):
    network = world.networks["n1"]
    client.force_login(world.personas["network_coordinator"])
    address = reverse("partners:deed-new", args=[network.uuid])
    form = {
        "kind": "association_deed",
        "signed_on": "10/01/2019",
        "repertory_number": "1/19",
        "signatories": [world.bodies["coop_1"].uuid, world.bodies["school_1"].uuid],
        "submission_key": "6f1d9c3c-77c5-4a39-9d8e-111111111111",
    }

    def sent(**values):
        file = SimpleUploadedFile("atto.pdf", PDF, content_type="application/pdf")
        return client.post(address, {**form, "file": file, **values})

    lies = sent(file=SimpleUploadedFile("atto.pdf", b"MZ\x90", content_type="application/pdf"))
    assert "file" in lies.context["form"].errors
    assert the_field(check_document, kind=DEED, name="a.exe", content=b"MZ") == "file"
    assert issubclass(DocumentRefused, DomainError)
    assert sent().status_code == 302
    assert sent().status_code == 302
    deed = NetworkDeed.objects.get()
    assert (deed.signatories.count(), deed.file.sha256 != "") == (2, True)
    assert AuditEvent.objects.filter(verb="network_deed_recorded").count() == 1
    corrected = client.post(
        reverse("partners:deed-edit", args=[deed.uuid]),
        {**form, "repertory_number": "2/19", "signatories": [], "version": "1"},
    )
    assert corrected.status_code == 302
    deed.refresh_from_db()
    assert (deed.repertory_number, deed.file is not None, deed.signatories.count()) == ("2/19", True, 0)

    def opened(deed):
        answer = client.get(deed.file.get_absolute_url())
        if answer.streaming:
            assert b"".join(answer.streaming_content) == PDF
        return answer.status_code

    answers = {}
    for role in (
        "network_coordinator",
        "partner_operator",
        "school_head",
        "auditor",
        "teacher",
        "mediator",
        "administrator",
    ):
        client.force_login(world.personas[role])
        answers[role] = opened(deed)
        page = client.get(network.get_absolute_url()).content.decode()
        assert "2/19" in page
        assert ("atto.pdf" in page) == (answers[role] == 200)
    client.force_login(world.stranger)
    answers["stranger"] = opened(deed)
    assert answers == {
        "network_coordinator": 200,
        "partner_operator": 200,
        "school_head": 200,
        "auditor": 200,
        "teacher": 403,
        "mediator": 403,
        "administrator": 200,
        "stranger": 404,
    }
