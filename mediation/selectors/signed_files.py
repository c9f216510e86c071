# SPDX-License-Identifier: EUPL-1.2
"""What a digitally signed file says: whether it is intact, and whose name its certificate bears.

Intact means that the content is the one that was signed, by the key of the certificate inside the file. Whether the
certificate may be trusted is another question, which needs the list of the trusted authorities: it is not answered
here, and no page calls a signature valid.
"""

import hashlib
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import IO, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from mediation.selectors.der import DerError, Node, read

_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_PSS = "1.2.840.113549.1.1.10"
_HASHES: dict[str, Any] = {
    "1.3.14.3.2.26": hashes.SHA1,
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
MAX_SIGNERS = 10
# What reading a damaged file may raise.
_UNREADABLE = (
    DerError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    RecursionError,
)


@dataclass(frozen=True)
class SignedFile:
    """What was read: the common names of the signers, and whether every signature agrees with the content."""

    signers: tuple[str, ...]
    intact: bool

    @property
    def is_signed(self) -> bool:
        """Whether there is a digital signature at all."""
        return bool(self.signers)


NOT_SIGNED = SignedFile((), True)


def inspect(content: bytes) -> SignedFile:
    """Read a P7M or a PDF. A file that is neither signed nor damaged has no signers; a damaged one is not intact."""
    try:
        if content.startswith(b"%PDF-"):
            return _inspect_pdf(content)
        return _inspect_cms(_unarmoured(content), None)
    except _UNREADABLE:
        return SignedFile((), False)


def inspect_file(file: IO[bytes]) -> SignedFile:
    """Read an open file from its beginning, and leave it there."""
    file.seek(0)
    found = inspect(file.read())
    file.seek(0)
    return found


def _unarmoured(content: bytes) -> bytes:
    """Return the binary form of a file that was written as text (PEM, or bare base64)."""
    if content[:1] == b"\x30":
        return content
    lines = [line for line in content.split() if not line.startswith(b"-") and b"-----" not in line]
    words = re.sub(rb"-----[^-]+-----", b"", content) if b"-----" in content else b"".join(lines)
    return b64decode(b"".join(words.split()), validate=True)


# --- PDF -------------------------------------------------------------------------------------------------------------

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def _inspect_pdf(content: bytes) -> SignedFile:
    """Check each signature of a PDF over the bytes that it covers; the last must cover the whole file."""
    ranges = [tuple(int(part) for part in found.groups()) for found in _BYTE_RANGE.finditer(content)][:MAX_SIGNERS]
    if not ranges:
        return NOT_SIGNED
    signers: list[str] = []
    intact = True
    for start, length, resume, rest in ranges:
        if start != 0 or not length < resume <= len(content) or resume + rest > len(content):
            return SignedFile(tuple(signers), False)
        gap = content[length:resume].strip()
        if not (gap.startswith(b"<") and gap.endswith(b">")):
            return SignedFile(tuple(signers), False)
        found = _inspect_cms(
            bytes.fromhex(gap[1:-1].decode("ascii")), content[:length] + content[resume : resume + rest]
        )
        signers += found.signers
        intact = intact and found.intact
    covered = max(resume + rest for _start, _length, resume, rest in ranges)
    # What was added after the last signature has been signed by nobody.
    return SignedFile(tuple(signers), intact and not content[covered:].strip())


# --- CMS (P7M) -------------------------------------------------------------------------------------------------------


def _inspect_cms(der: bytes, detached: bytes | None) -> SignedFile:
    """Check every signer of a SignedData; `detached` is the content when it lies outside (PDF)."""
    outer = read(der)
    if outer[0].oid != _SIGNED_DATA:
        raise DerError("not a SignedData")
    data = outer[1][0]
    parts = list(data)
    encapsulated = parts[2]
    content = detached if detached is not None else _content(encapsulated)
    certificates = _certificates(parts)
    signers = list(parts[-1])[:MAX_SIGNERS]
    if not signers:
        raise DerError("nobody signed")
    names, intact = [], True
    for signer in signers:
        certificate = _certificate_of(signer, certificates)
        names.append(_name(certificate))
        intact = intact and _agrees(signer, certificate, content) and _unaltered(certificate, certificates)
    return SignedFile(tuple(names), intact)


def _content(encapsulated: Node) -> bytes:
    if len(encapsulated) < 2:
        raise DerError("the content is elsewhere")
    holder = encapsulated[1][0]
    return holder.octets


def _certificates(parts: list[Node]) -> list[x509.Certificate]:
    found = []
    for part in parts:
        if part.tag == 0xA0:
            found += [x509.load_der_x509_certificate(child.raw) for child in part if child.tag == 0x30]
    return found


def _certificate_of(signer: Node, certificates: list[x509.Certificate]) -> x509.Certificate:
    """Find the certificate that the signer names by issuer and serial number, or by the identifier of its key."""
    identity = signer[1]
    for certificate in certificates:
        if identity.tag == 0x30:
            if (
                identity[1].integer == certificate.serial_number
                and identity[0].raw == certificate.issuer.public_bytes()
            ):
                return certificate
        elif identity.tag & 0x1F == 0:
            try:
                key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            except x509.ExtensionNotFound:
                continue
            if key == identity.content:
                return certificate
    raise DerError("the certificate of the signer is missing")


def _unaltered(certificate: x509.Certificate, known: list[x509.Certificate]) -> bool:
    """Whether the certificate is as its issuer made it, when the issuer's is in the file too."""
    issuers = [other for other in known if other.subject == certificate.issuer]
    for issuer in issuers:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            continue
        return True
    return not issuers


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    text = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text).strip()[:150]


def _agrees(signer: Node, certificate: x509.Certificate, content: bytes) -> bool:
    """Whether the digest is that of the content, and the signature that of the certificate's key."""
    parts = list(signer)
    algorithm = _HASHES[parts[2][0].oid]()
    digest = hashlib.new(algorithm.name.replace("-", ""), content).digest()
    rest = parts[3:]
    signed = digest
    if rest[0].tag == 0xA0:
        attributes = rest.pop(0)
        found = [row[1][0].content for row in attributes if row[0].oid == _MESSAGE_DIGEST]
        if found != [digest]:
            return False
        # Signed as a SET OF, whatever tag it bears in the file.
        signed = hashlib.new(algorithm.name.replace("-", ""), b"\x31" + attributes.raw[1:]).digest()
    method, signature = rest[0], rest[1].content
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if method[0].oid == _PSS:
                scheme: Any = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            else:
                scheme = padding.PKCS1v15()
            key.verify(signature, signed, scheme, Prehashed(algorithm))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(Prehashed(algorithm)))
        else:
            return False
    except InvalidSignature:
        return False
    return True
