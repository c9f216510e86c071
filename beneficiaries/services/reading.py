# SPDX-License-Identifier: EUPL-1.2
"""The record of who read nominal records: one entry for each page or file, chained for each body (ADR 16).

A record is *nominal* when a person can be recognised by what is shown: the own code where the reader's body gave it (it
keeps the list of names), the birth date, the citizenship, anything opened from the vault. A pseudonym with group,
enrolments and presences is not. Whoever shows a nominal record calls `record_reading` before answering: when the entry
cannot be written the page is not shown.

The entry goes into the chain of the body whose recipients were read, which may not be the body of who read them.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils.translation import gettext as _

from actions.models import Activity, Programme
from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary, ReadChain, ReadEntry
from beneficiaries.selectors.readings import FILE_PAGE
from fami_portal.core.models import Document
from partners.models import Organisation

_BEGIN = """
    INSERT INTO beneficiaries_readchain (organisation_id, entries, head) VALUES (%s, 0, '')
    ON CONFLICT (organisation_id) DO NOTHING
"""
_APPEND = """
    INSERT INTO beneficiaries_readentry
        (uuid, chain_id, number, at, actor_id, kind, page, purpose, activity_id, document, programme_id, subjects,
         previous, digest)
    SELECT %s, chain.id, 0, %s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[], '', ''
      FROM beneficiaries_readchain AS chain WHERE chain.organisation_id = %s
    RETURNING id, chain_id, number, previous, digest
"""


def record_reading(
    *,
    by: Any,
    organisation: Organisation | int,
    kind: str,
    page: str,
    subjects: Iterable[Beneficiary | int],
    purpose: str = "",
    activity: Activity | None = None,
    document: Document | None = None,
    programme: Programme | int | None = None,
    at: datetime,
) -> ReadEntry | None:
    """Append one entry to the chain of a body: who read which of its recipients, on which page, why, when.

    `organisation` is the body that registered them (or its id); `page` the name of the page in the portal, never an
    address; `subjects` recipients or their ids, in any order. Returns None, and writes nothing, when there are none and
    no `document`: of a file that was opened the persons are often not known (see `record_file_opening`).
    One query (more for the first reading of a body), in the transaction of the caller if there is one; the database
    numbers and chains the entry. Raises ValueError for a reader without an account: the portal itself reads nothing nominal.
    """
    people = sorted({subject if isinstance(subject, int) else subject.pk for subject in subjects})
    if not people and document is None:
        return None
    if by is None:
        raise ValueError("a reading has a reader")
    body = organisation if isinstance(organisation, int) else organisation.pk
    entry = ReadEntry(
        uuid=uuid4(),
        at=at,
        actor=by,
        kind=ReadKind(kind).value,
        page=page,
        purpose=" ".join(purpose.split())[:300],
        activity=activity,
        document=document.uuid if document is not None else None,
        programme_id=programme if isinstance(programme, int) or programme is None else programme.pk,
        subjects=people,
    )
    values: list[Any] = [
        entry.uuid,
        entry.at,
        entry.actor_id,
        entry.kind,
        entry.page,
        entry.purpose,
        entry.activity_id,
        entry.document,
        entry.programme_id,
        people,
        body,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, values)
        appended = cursor.fetchone()
        if appended is None:
            _begin_chain(body)
            cursor.execute(_APPEND, values)
            appended = cursor.fetchone()
        entry.pk, entry.chain_id, entry.number, entry.previous, entry.digest = appended
    entry._state.adding = False
    return entry


def record_file_opening(
    *,
    by: Any,
    document: Document,
    organisation: Organisation | int,
    programme: Programme | int | None,
    subjects: Iterable[Beneficiary | int] = (),
    purpose: str,
    at: datetime,
) -> ReadEntry:
    """Append to the chain of a body that somebody opened a file that carries names, whoever they are of.

    `organisation` is the body that answers for the file (or its id), `programme` the one whose officer sees it too; None
    for a file of the body itself. `subjects` stays empty where the portal does not know whose names the file carries.
    Raises as `record_reading`.
    """
    entry = record_reading(
        by=by,
        organisation=organisation,
        kind=ReadKind.DOCUMENT,
        page=f"{FILE_PAGE}{document.kind}",
        subjects=subjects,
        purpose=purpose,
        document=document,
        programme=programme,
        at=at,
    )
    if entry is None:  # never: a document is enough for an entry
        raise ValueError("an opening that was not recorded")
    return entry


def record_readings(
    *,
    by: Any,
    kind: str,
    page: str,
    subjects: Iterable[Beneficiary],
    purpose: str = "",
    activity: Activity | None = None,
    at: datetime,
) -> list[ReadEntry]:
    """Append one entry for each body that registered some of the recipients, in the order of their ids.

    The order lets two readers of the same bodies wait for one another, never each for the other.
    """
    bodies: dict[int, list[int]] = {}
    for subject in subjects:
        bodies.setdefault(subject.registered_by_id, []).append(subject.pk)
    written = (
        record_reading(
            by=by,
            organisation=body,
            kind=kind,
            page=page,
            subjects=bodies[body],
            purpose=purpose,
            activity=activity,
            at=at,
        )
        for body in sorted(bodies)
    )
    return [entry for entry in written if entry is not None]


def record_own_codes(
    *,
    by: Any,
    own: Iterable[int],
    page: str,
    subjects: Iterable[Beneficiary],
    kind: str = ReadKind.PAGE,
    activity: Activity | None = None,
    at: datetime,
) -> list[ReadEntry]:
    """Record a list that calls recipients by the own code where one of the bodies `own` registered them.

    The other recipients of the list are there by pseudonym alone: they are not read.
    """
    bodies = set(own)
    shown = [subject for subject in subjects if subject.code_for(bodies)]
    return record_readings(by=by, kind=kind, page=page, subjects=shown, activity=activity, at=at)


def _begin_chain(body: int) -> None:
    """Begin the chain of a body; does nothing when somebody else began it in this moment."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [body])


# --- checking ---------------------------------------------------------------------------------------------------------


def sealed_text(entry: ReadEntry) -> str:
    """Return what the digest of an entry is taken over; the database says the same (`beneficiaries_append_reading`)."""
    at = entry.at.astimezone(UTC)
    return "\n".join(
        [
            entry.previous,
            str(entry.chain_id),
            str(entry.number),
            f"{at:%Y-%m-%dT%H:%M:%S.%f}",
            str(entry.actor_id),
            entry.kind,
            entry.page,
            str(entry.activity_id or ""),
            ",".join(str(subject) for subject in entry.subjects),
            # Said of files alone: the readings from before have no such lines.
            *([f"document {entry.document}"] if entry.document else []),
            *([f"programme {entry.programme_id}"] if entry.programme_id else []),
            # Last: the only text that a person typed.
            entry.purpose,
        ]
    )


def verify_chain(organisation: Organisation | int) -> list[str]:
    """Return what is broken in the chain of a body, as `verify_chains` does."""
    pk = organisation if isinstance(organisation, int) else organisation.pk
    return verify_chains([pk])[pk]


def verify_chains(organisations: Iterable[int]) -> dict[int, list[str]]:
    """Return what is broken in the chain of each body, as sentences; none when every reading is where it was written.

    Reads each chain once, in constant memory; two queries. A chain cut at its end together with its head is told only by
    a head kept elsewhere: the command prints it.
    """
    broken: dict[int, list[str]] = {pk: [] for pk in organisations}
    chains = {chain.pk: chain for chain in ReadChain.objects.filter(organisation__in=broken).order_by("pk")}
    # The head comes with each row: while somebody reads on, the same moment is seen of both.
    entries = ReadEntry.objects.filter(chain__in=chains).select_related("chain").order_by("chain", "number", "pk")
    for pk, rows in groupby(entries.iterator(chunk_size=2000), key=attrgetter("chain_id")):
        chain = chains.pop(pk)
        broken[chain.organisation_id] = _broken_links(chain, rows)
    for chain in chains.values():
        broken[chain.organisation_id] = _broken_links(chain, ())
    return broken


def _broken_links(chain: ReadChain, entries: Iterable[ReadEntry]) -> list[str]:
    broken = []
    expected, previous = 1, ""
    for entry in entries:
        chain = entry.chain
        if entry.number != expected:
            broken.append(_("Reading %(number)s is not there.") % {"number": expected})
        elif entry.previous != previous:
            broken.append(_("Reading %(number)s does not follow from the one before it.") % {"number": entry.number})
        if hashlib.sha256(sealed_text(entry).encode()).hexdigest() != entry.digest:
            broken.append(_("Reading %(number)s was changed after it was written.") % {"number": entry.number})
        expected, previous = entry.number + 1, entry.digest
    if chain.entries != expected - 1 or chain.head != previous:
        broken.append(
            _("The chain says %(said)s readings and %(found)s are there.")
            % {"said": chain.entries, "found": expected - 1}
            if chain.entries != expected - 1
            else _("The head of the chain is not its last reading.")
        )
    return broken
