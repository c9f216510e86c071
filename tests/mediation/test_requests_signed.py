# SPDX-License-Identifier: EUPL-1.2
"""Signed files: integrity and signer are read; a forged or altered file is refused; nothing is ever called valid."""

import base64
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from fami_portal.core import clock
from fami_portal.core.documents import DocumentRefused, check_document
from fami_portal.core.models import Document
from mediation.enums import AuthorisationMethod, RequestState
from mediation.selectors.request_sections import signature_in_words
from mediation.selectors.requests import SIGNED_REQUEST
from mediation.selectors.signed_files import SignedFile, inspect
from mediation.services import requests as services
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.mediation.test_requests_pages import next_day
from tests.personas import World, build_world

NAME = "DIRIGENTE PROVA"
SHEET = b"%PDF-1.4\nRichiesta A1\n%%EOF\n"


@cache
def key_of(kind: str) -> Any:
    """Return a private key: RSA as most Italian cards, or an elliptic curve."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate_of(kind: str, name: str = NAME) -> x509.Certificate:
    """Return a certificate that its owner signed: nobody vouches for it."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key_of(kind).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2018, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
        .sign(key_of(kind), hashes.SHA256())
    )


def signed(content: bytes, *options: pkcs7.PKCS7Options, kind: str = "rsa", **how: Any) -> bytes:
    """Return the content signed (DER)."""
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(certificate_of(kind), key_of(kind), hashes.SHA256(), **how)
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])
    )


def signed_pdf(room: int = 6000) -> bytes:
    """Return a PDF with a signature over all its bytes but the room of the signature."""
    head = b"%PDF-1.4\n1 0 obj << /Type /Sig /ByteRange [0 AAAAAAAAAA BBBBBBBBBB CCCCCCCCCC] /Contents "
    tail = b" >> endobj\n%%EOF\n"
    begin, resume = len(head), len(head) + room + 2
    for mark, value in ((b"AAAAAAAAAA", begin), (b"BBBBBBBBBB", resume), (b"CCCCCCCCCC", len(tail))):
        head = head.replace(mark, b"%-10d" % value)
    proof = signed(head + tail, pkcs7.PKCS7Options.DetachedSignature)
    return head + b"<" + proof.hex().encode().ljust(room, b"0") + b">" + tail


@pytest.mark.parametrize(
    "file",
    [
        signed(SHEET),
        signed(SHEET, kind="ec"),
        signed(SHEET, pkcs7.PKCS7Options.NoAttributes),
        signed(SHEET, rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)),
        base64.encodebytes(signed(SHEET)),
        b"-----BEGIN PKCS7-----\n" + base64.encodebytes(signed(SHEET)) + b"-----END PKCS7-----\n",
        signed_pdf(),
    ],
    ids=["rsa", "ec", "no-attributes", "pss", "base64", "pem", "pdf"],
)
def test_an_intact_file_says_who_signed(file: bytes) -> None:
    assert inspect(file) == SignedFile((NAME,), True)


def test_a_sheet_without_digital_signature_is_simply_that() -> None:
    assert inspect(SHEET) == SignedFile((), True)


@pytest.mark.parametrize(
    "file",
    [
        signed(SHEET).replace(b"Richiesta A1", b"Richiesta A9"),
        signed(SHEET)[:-40],
        signed(SHEET)[:-1] + bytes([signed(SHEET)[-1] ^ 1]),
        signed(SHEET, pkcs7.PKCS7Options.NoCerts),
        signed(SHEET, pkcs7.PKCS7Options.DetachedSignature),
        signed_pdf().replace(b"/Type /Sig", b"/Type /Gis"),
        signed_pdf() + b"2 0 obj << /Aggiunta >> endobj\n",
        signed_pdf().replace(b"/Contents <", b"/Contents <zz"),
        b"\x30\x80" * 4000,
        b"-----BEGIN PKCS7-----\n???\n-----END PKCS7-----",
        b"\x30\x84\xff\xff\xff\xff",
        b"",
    ],
)
def test_an_altered_or_forged_file_is_not_intact(file: bytes) -> None:
    assert not inspect(file).intact


def test_a_certificate_of_another_with_the_same_name_does_not_serve() -> None:
    other = certificate_of("ec", "ALTRA PERSONA")
    forged = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(SHEET)
        .add_signer(other, key_of("ec"), hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    name = other.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value.encode()
    assert not inspect(forged.replace(name, b"DIRIGENTE PRO")).intact


@settings(max_examples=20, deadline=None)
@given(st.integers(0, len(signed(SHEET)) - 1), st.integers(1, 255))
def test_whatever_byte_is_changed_it_never_breaks_the_page(place: int, change: int) -> None:
    file = bytearray(signed(SHEET))
    file[place] ^= change
    inspect(bytes(file))


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert inspect(b"\x30" + data).signers == ()


def test_no_signature_is_called_valid() -> None:
    words = signature_in_words(SignedFile((NAME,), True))
    assert NAME in words
    assert "non è verificata" in words
    assert not any(word in words.lower().split() for word in ("valido", "valida", "valid"))


# --- in the portal ---------------------------------------------------------------------------------------------------


def prepare() -> World:
    """A request that waits for the head."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    request = MediationRequestFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        slot=(next_day(), time(10), time(11)),
    )
    services.submit(request=request, by=world.personas["school_contact"], at=clock.now())
    world.objects["request"] = request
    return world


@pytest.fixture
def waiting(fresh: World) -> World:
    return fresh


@pytest.mark.django_db
def test_the_contact_attaches_the_signed_request_and_its_signer_is_shown(waiting: World) -> None:
    request = waiting.objects["request"]
    client = Client()
    client.force_login(waiting.personas["school_contact"])
    address = reverse("mediation:request-signed", args=[request.uuid])
    altered = signed(SHEET).replace(b"Richiesta A1", b"Richiesta A9")
    refused = client.post(address, {"name": NAME, "file": SimpleUploadedFile("richiesta.pdf.p7m", altered)})
    assert refused.status_code == 422
    assert not Document.objects.filter(kind=SIGNED_REQUEST).exists()
    answer = client.post(address, {"name": NAME, "file": SimpleUploadedFile("richiesta.pdf.p7m", signed(SHEET))})
    assert answer.status_code == 302
    request.refresh_from_db()
    assert (request.state, request.authorisation) == (RequestState.AUTHORISED, AuthorisationMethod.DOCUMENT)
    page = client.get(request.get_absolute_url()).content.decode()
    assert NAME in page
    assert "non è verificata" in page


@pytest.mark.django_db
def test_an_altered_file_changes_nothing(waiting: World) -> None:
    request = waiting.objects["request"]
    altered = signed(SHEET).replace(b"Richiesta A1", b"Richiesta A9")
    checked = check_document(kind=SIGNED_REQUEST, name="richiesta.pdf.p7m", content=altered)
    with pytest.raises(DocumentRefused):
        services.authorise_by_document(
            request=request, name=NAME, content=checked, by=waiting.personas["school_contact"], at=clock.now()
        )
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    assert not Document.objects.exists()
