# SPDX-License-Identifier: EUPL-1.2
"""What the body's own part adds to the page of a request: its acts, the signature of the head, hours, files."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from fami_portal.core.components import Button, Link
from fami_portal.core.contents import clear_file
from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document
from mediation.enums import ENDED_STATES, AuthorisationMethod, RequestState
from mediation.models import HourMovement, MediationRequest
from mediation.permissions import (
    can_authorise,
    can_coordinate,
    can_file,
    can_prepare,
    can_view_case,
)
from mediation.selectors.request_lists import FORM_KINDS
from mediation.selectors.request_page import Section
from mediation.selectors.request_rules import hours
from mediation.selectors.requests import SOURCE, attachments, may_attach
from mediation.selectors.signed_files import SignedFile, inspect_file
from mediation.workflow import REQUEST


def _url(name: str, request: MediationRequest, *more: Any) -> str:
    return reverse(f"mediation:{name}", args=[request.uuid, *more])


def buttons(user: Any, request: MediationRequest, now: datetime) -> Iterator[Button]:
    """What the body, its head and whoever follows it can do in this state."""
    if request.kind not in FORM_KINDS:
        return
    yield from _writing(user, request)
    if request.state == RequestState.SUBMITTED:
        if can_authorise(user, request):
            yield Button(_("Read and authorise"), _url("request-authorise", request))
            yield Button(_("Do not authorise"), _url("request-decline", request), style="outline-danger")
        if can_authorise(user, request) or can_file(user, request.organisation_id):
            yield Button(_("Attach it signed"), _url("request-signed", request), style="outline-primary")


def last_buttons(user: Any, request: MediationRequest, now: datetime) -> Iterator[Button]:
    """What never is the act of the moment: ask again, give up. After what the other rooms offer."""
    if request.kind not in FORM_KINDS:
        return
    yield from _again(user, request)
    if request.state in REQUEST.transitions["cancel"].sources and (
        can_file(user, request.organisation_id) or can_coordinate(user, request)
    ):
        yield Button(_("Cancel the request"), _url("request-cancel", request), style="outline-danger")


def _writing(user: Any, request: MediationRequest) -> Iterator[Button]:
    if not can_prepare(user, request.organisation_id):
        return
    if request.state in (RequestState.DRAFT, RequestState.TO_COMPLETE):
        draft = request.state == RequestState.DRAFT
        yield Button(
            _("Go on with the draft") if draft else _("Complete the request"),
            _url("request-step", request, min(request.step + 1, 4) if draft else 1),
        )
        yield Button(_("Check your answers"), _url("request-check", request), style="outline-primary")
    if request.state == RequestState.DRAFT:
        yield Button(_("Delete the draft"), _url("request-discard", request), style="outline-danger")


def _again(user: Any, request: MediationRequest) -> Iterator[Button]:
    """In one tap: the same again, with the same mediator or any."""
    held = request.state in (RequestState.HELD, RequestState.REPORTED, RequestState.COUNTERSIGNED)
    if not (held or request.state in ENDED_STATES) or not can_prepare(user, request.organisation_id):
        return
    address = _url("request-copy", request)
    if request.mediator_id is not None:
        style = "primary" if request.state in ENDED_STATES else "outline-primary"
        yield Button(_("The same mediator again"), address, "post", style, fields={"same": "1"})
    yield Button(_("Copy as a new request"), address, "post", "outline-primary")


# --- sections --------------------------------------------------------------------------------------------------------


def signature_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """How and when the head signed; of a digitally signed file, integrity and signer."""
    if request.authorised_at is None or not can_view_case(user, request):
        return None
    rows: list[tuple[Any, Any]] = [(_("How"), AuthorisationMethod(request.authorisation).label)]
    if request.authorised_name:
        rows.append((_("Name"), request.authorised_name))
    rows.append((_("On"), request.authorised_at))
    if request.signed_document_id is not None:
        document = Document.objects.get(pk=request.signed_document_id)
        rows.append((_("Signed file"), Link(document.name, document.get_absolute_url())))
        rows.append((_("Digital signature"), signature_in_words(_inspected(document))))
    return Section(_("Authorisation of the head"), "mediation/_request_facts.html", {"rows": rows}, "authorisation")


def _inspected(document: Document) -> SignedFile:
    """Say what the file says of its signatures; the portal reads it, and shows the person nothing of the content."""
    try:
        return inspect_file(clear_file(document))
    except DomainError:  # it does not open: it was altered, its key is missing, or it is gone
        return SignedFile((), False)


def signature_in_words(found: SignedFile) -> str:
    """Say what was read in a signed file; never that the signature is valid, which nobody has verified."""
    if not found.intact:
        return _("Damaged: the content is not the one that was signed.")
    if not found.is_signed:
        return _("None: the sheet is signed by hand, or not at all. Read it.")
    return _("Intact, signed by %(names)s; the validity of the certificate is not verified.") % {
        "names": ", ".join(found.signers)
    }


def hours_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """The movements of the hours of this request, for the body and its coordinators."""
    if request.account is None or not (
        can_prepare(user, request.organisation_id) or can_authorise(user, request) or can_coordinate(user, request)
    ):
        return None
    movements = HourMovement.objects.filter(source_type=SOURCE, source_id=request.pk).order_by("pk")
    rows = [(row.at, row.get_kind_display(), hours(row.minutes), row.reason) for row in movements]
    account = Link(_("The account of these hours"), request.account.get_absolute_url())
    return Section(_("Hours"), "mediation/_request_hours.html", {"rows": rows, "account": account}, "hours")


def files_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """The attached files, with the way to add and to remove them until the request is taken in charge."""
    if not can_view_case(user, request):
        return None
    changes = can_prepare(user, request.organisation_id) and may_attach(request)
    found = attachments(request)
    if not found and not changes:
        return None
    files = [
        {
            "link": Link(document.name, document.get_absolute_url()),
            "size": document.size,
            "remove": _url("request-detach", request, document.uuid) if changes else "",
        }
        for document in found
    ]
    add = _url("request-attach", request) if changes else ""
    return Section(_("Attached files"), "mediation/_request_files.html", {"files": files, "add": add}, "files")
