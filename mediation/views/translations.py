# SPDX-License-Identifier: EUPL-1.2
"""Pages of the written translations."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import NotPermitted
from mediation import permissions
from mediation.enums import TranslationState
from mediation.filters.consulting import TranslationFilter
from mediation.forms.consulting import NoteForm, PersonForm
from mediation.forms.translations import NewTranslationForm, ReturnForm, TranslationForm
from mediation.models import Translation
from mediation.selectors import consulting_access as access
from mediation.selectors import consulting_facts
from mediation.selectors import translations as selectors
from mediation.selectors.consulting import places, translators_for
from mediation.services import translations as services
from mediation.views.consulting_pages import (
    REOPENING,
    Section,
    act_page,
    discard_page,
    download,
    list_page,
    pill_of,
    post_act,
    posted,
    start_page,
    thing_page,
    version_of,
)
from mediation.workflow import TRANSLATION
from partners.permissions import holds

S = TranslationState
HEADING = _("Written translations")
FORM = require_http_methods(["GET", "HEAD", "POST"])


def _list_link() -> tuple[Any, str]:
    return HEADING, reverse("mediation:translation-list")


def found_translation(request: HttpRequest, uuid: UUID) -> Translation:
    return get_object_or_404(Translation.objects.visible_to(request.user).with_parts(), uuid=uuid)


def _files(request: HttpRequest) -> Any:
    return request.FILES if request.method == "POST" else None


@require_safe
def translation_list(request: HttpRequest) -> HttpResponse:
    """The translations that the person sees."""
    if not access.sees_translations(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    files = holds(request.user, Permission.FILE_MEDIATION_REQUESTS)
    return list_page(
        request,
        heading=HEADING,
        lead=_("A file in, a file out: no appointment is needed."),
        filters=TranslationFilter(request.GET, queryset=selectors.translations_for(request.user), request=request),
        columns=[
            Column(_("Translation")),
            Column(_("School or service")),
            Column(_("Languages")),
            Column(_("Needed by"), nowrap=True),
            Column(_("State")),
        ],
        row=lambda row: [
            Lines(Link(row.number or _("Draft"), row.get_absolute_url()), row.title),
            Lines(row.organisation.name, row.network.name),
            f"{row.source_language.name} → {row.target_language.name}",
            row.due_on,
            pill_of(row.state, TRANSLATION),
        ],
        noun=_("translations"),
        empty=(_("No translation here"), _("Change the filters, or ask for a translation.")),
        buttons=[Button(_("Ask for a translation"), reverse("mediation:translation-create"))] if files else [],
    )


@FORM
def translation_create(request: HttpRequest) -> HttpResponse:
    """Begin a request as a draft."""
    if not holds(request.user, Permission.FILE_MEDIATION_REQUESTS):
        raise NotPermitted(_("Only the contact of a school or service can ask for a translation."))
    offered = places(request.user, MediationRequestKind.TRANSLATION, Permission.FILE_MEDIATION_REQUESTS, at=clock.now())
    form = NewTranslationForm(posted(request), _files(request), places=offered, cancel_url=_list_link()[1])
    return start_page(
        request,
        form=form,
        start=services.start_translation,
        done=_("Draft saved: check it and send it."),
        heading=_("Ask for a translation"),
        trail=[_list_link()],
        extra=("file",),
    )


@FORM
def translation_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write in a draft."""
    found = found_translation(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    initial = {name: getattr(found, name) for name in services.EDITABLE}
    form = TranslationForm(posted(request), _files(request), initial=initial, version=found.version)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.save_translation(
            translation=found,
            values=form.values(),
            file=form.cleaned_data["file"],
            version=version_of(form),
            by=request.user,
            at=clock.now(),
        ),
        done=_("Draft saved: check it and send it."),
        heading=_("Write the request"),
        list_link=_list_link(),
        possible=found.state == S.DRAFT,
    )


@require_safe
def translation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One translation: what is asked, the files, what can be done."""
    found = found_translation(request, uuid)
    sections = [Section("facts", _("Facts"), facts=consulting_facts.of_translation(found))]
    if permissions.can_read_files(request.user, found):
        files = [
            (label, Link(document.name, document.get_absolute_url()) if document else None)
            for label, document in ((_("File to translate"), found.original), (_("Translated file"), found.translated))
        ]
        sections.append(Section("files", _("Files"), facts=[*files, (_("Note for the translator"), found.note)]))
    return thing_page(
        request,
        found,
        workflow=TRANSLATION,
        list_link=_list_link(),
        kicker=_("Written translation"),
        heading=found.number or _("Draft of a translation"),
        sections=sections,
        buttons=_buttons(request.user, found),
    )


def _buttons(user: Any, found: Translation) -> list[Button]:
    address = partial(reverse, args=[found.uuid])
    buttons: list[Button] = []
    if permissions.can_file(user, found.organisation_id):
        buttons += _requester(found, address)
    if permissions.coordinates(user, programme_id=found.programme_id, network_id=found.network_id):
        if found.state in (S.SUBMITTED, S.ASSIGNED):
            label = _("Change the translator") if found.mediator_id else _("Assign a translator")
            buttons.append(Button(label, address("mediation:translation-assign")))
        if found.state == S.SUBMITTED:
            buttons.append(Button(_("Reject"), address("mediation:translation-reject"), style="outline-danger"))
        if found.state == S.ACCEPTED:
            buttons.append(Button(_("Validate"), address("mediation:translation-validate"), "post"))
        if found.state in (S.ACCEPTED, S.VALIDATED):
            buttons.append(Button(_("Open it again"), address("mediation:translation-reopen"), style="outline-danger"))
    if permissions.mediates(user, found.mediator_id):
        if found.state in (S.ASSIGNED, S.TO_REVISE):
            buttons.append(Button(_("Return the file"), address("mediation:translation-return")))
        if found.state == S.ASSIGNED:
            buttons.append(
                Button(_("Give it back"), address("mediation:translation-give-back"), style="outline-danger")
            )
    if found.state != S.DRAFT:
        buttons.append(download(address("mediation:translation-sheet")))
    return buttons


def _requester(found: Translation, address: Any) -> list[Button]:
    if found.state == S.DRAFT:
        refuse = "" if found.original_id else _("Attach the file to translate.")
        return [
            Button(_("Send the request"), address("mediation:translation-submit"), "post", disabled_reason=refuse),
            Button(_("Write the request"), address("mediation:translation-edit"), style="outline-primary"),
            Button(_("Throw the draft away"), address("mediation:translation-discard"), style="outline-danger"),
        ]
    if found.state == S.RETURNED:
        return [
            Button(_("Accept the translation"), address("mediation:translation-accept"), "post"),
            Button(_("Ask to revise"), address("mediation:translation-revise"), style="outline-primary"),
        ]
    if found.state in (S.SUBMITTED, S.ASSIGNED):
        return [Button(_("Cancel the request"), address("mediation:translation-cancel"), style="outline-danger")]
    return []


def _posts(request: HttpRequest, uuid: UUID, service: Any, done: Any, **values: Any) -> HttpResponse:
    found = found_translation(request, uuid)
    return post_act(request, found, act=lambda: service(translation=found, by=request.user, **values), done=done)


@require_POST
def translation_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the request."""
    return _posts(request, uuid, services.submit, _("Sent: the coordinator has been told."), at=clock.now())


@require_POST
def translation_accept(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept the translated file."""
    return _posts(request, uuid, services.accept, _("Accepted: the coordinator validates it."), at=clock.now())


@require_POST
def translation_validate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Validate the hours."""
    return _posts(request, uuid, services.validate, _("Validated: the hours are in the results."), at=clock.now())


@FORM
def translation_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away, after a confirmation."""
    found = found_translation(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    return discard_page(
        request,
        found,
        act=lambda: services.discard_translation(translation=found, by=request.user, at=clock.now()),
        list_link=_list_link(),
    )


@FORM
def translation_assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the file to a translator."""
    found = found_translation(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = PersonForm(
        posted(request), people=translators_for(found), label=_("Translator"), initial_id=found.mediator_id
    )
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.assign(
            translation=found, mediator=form.cleaned_data["person"], by=request.user, at=clock.now()
        ),
        done=_("Assigned: the translator has been told."),
        heading=_("Assign a translator"),
        lead=_("The mediators of the network who know both languages."),
        list_link=_list_link(),
        possible=found.state in (S.SUBMITTED, S.ASSIGNED),
    )


@FORM
def translation_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return the translated file."""
    found = found_translation(request, uuid)
    permissions.check_is_translator(request.user, found)
    form = ReturnForm(posted(request), _files(request), initial={"minutes": found.minutes})
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.return_file(
            translation=found,
            file=form.cleaned_data["file"],
            minutes=form.cleaned_data["minutes"],
            by=request.user,
            at=clock.now(),
        ),
        done=_("Returned: the school or service has been told."),
        heading=_("Return the file"),
        list_link=_list_link(),
        possible=found.state in (S.ASSIGNED, S.TO_REVISE),
    )


def _noted(
    request: HttpRequest,
    found: Translation,
    *,
    act: Any,
    done: Any,
    heading: Any,
    states: tuple[str, ...],
    style: str,
    lead: Any = "",
) -> HttpResponse:
    form = NoteForm(posted(request), submit_label=heading, style=style)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: act(form.cleaned_data["note"]),
        done=done,
        heading=heading,
        lead=lead,
        list_link=_list_link(),
        possible=found.state in states,
    )


@FORM
def translation_give_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give an assignment back."""
    found = found_translation(request, uuid)
    permissions.check_is_translator(request.user, found)
    return _noted(
        request,
        found,
        act=lambda note: services.give_back(translation=found, reason=note, by=request.user, at=clock.now()),
        done=_("Given back: the coordinator has been told."),
        heading=_("Give it back"),
        states=(S.ASSIGNED,),
        style="danger",
    )


@FORM
def translation_revise(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask to revise."""
    found = found_translation(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    return _noted(
        request,
        found,
        act=lambda note: services.ask_to_revise(translation=found, comment=note, by=request.user, at=clock.now()),
        done=_("Sent back: the translator has been told."),
        heading=_("Ask to revise"),
        states=(S.RETURNED,),
        style="primary",
    )


@FORM
def translation_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open an accepted or validated translation again."""
    found = found_translation(request, uuid)
    permissions.check_coordinates(request.user, found)
    return _noted(
        request,
        found,
        act=lambda note: services.reopen(translation=found, reason=note, by=request.user, at=clock.now()),
        done=_("Open again: the translator has been told."),
        heading=_("Open it again"),
        states=(S.ACCEPTED, S.VALIDATED),
        style="danger",
        lead=REOPENING,
    )


@FORM
def translation_reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Reject a request."""
    found = found_translation(request, uuid)
    permissions.check_coordinates(request.user, found)
    return _noted(
        request,
        found,
        act=lambda note: services.reject(translation=found, reason=note, by=request.user, at=clock.now()),
        done=_("Rejected: the school or service has been told."),
        heading=_("Reject the request"),
        states=(S.SUBMITTED,),
        style="danger",
    )


@FORM
def translation_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a request."""
    found = found_translation(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    return _noted(
        request,
        found,
        act=lambda note: services.cancel(translation=found, reason=note, by=request.user, at=clock.now()),
        done=_("The request is cancelled."),
        heading=_("Cancel the request"),
        states=(S.SUBMITTED, S.ASSIGNED),
        style="danger",
    )
