# SPDX-License-Identifier: EUPL-1.2
"""Pages of the privacy notices of a programme, version by version, and of the parts of the bodies in the processing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.forms import version_of
from actions.forms.notices import NoticeForm, NoticeLanguageForm, ProcessingRoleForm
from actions.models import Notice, ProcessingRole, Programme
from actions.permissions import can_manage_privacy, check_can_manage_privacy
from actions.selectors import notices as selectors
from actions.selectors.programmes import programme_for
from actions.services import notices as services
from actions.views.pages import form_page, history_of
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds


def _programme(request: HttpRequest, slug: str) -> Programme:
    found: Programme = get_object_or_404(programme_for(request.user), slug=slug)
    check_holds(request.user, Permission.VIEW_PROGRAMME)
    return found


def _notice(request: HttpRequest, uuid: UUID) -> Notice:
    found: Notice = get_object_or_404(selectors.with_texts(Notice.objects.visible_to(request.user)), uuid=uuid)
    check_holds(request.user, Permission.VIEW_PROGRAMME)
    return found


def _crumbs(programme: Programme, *more: Any) -> list[Any]:
    notices = (_("Privacy notices"), reverse("actions:notice-list", args=[programme.slug]))
    return [
        (_("Programmes"), reverse("actions:programme-list")),
        (programme.title, programme.get_absolute_url()),
        *((notices, *more) if more else [_("Privacy notices")]),
    ]


def owner_of(notice: Notice) -> Any:
    """Return whose notice it is, in words."""
    return notice.organisation.name if notice.organisation else _("The whole programme")


@require_safe
def notice_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of the notice of a programme, and the parts of its bodies in the processing."""
    found = _programme(request, slug)
    manage = can_manage_privacy(request.user, found.pk)
    today = clock.today()
    versions = selectors.versions(selectors.notices_of(found))
    roles = list(selectors.roles_in(found))
    context = {
        "programme": found,
        "crumbs": _crumbs(found),
        "required": found.notice_required,
        "in_force": any(version.holds_on(today) for version in versions),
        "buttons": [
            Button(_("Publish a version"), reverse("actions:notice-new", args=[found.slug])),
            Button(_("Record a part"), reverse("actions:processing-new", args=[found.slug]), style="outline-primary"),
        ]
        if manage
        else [],
        "columns": [
            Column(_("Version")),
            Column(_("Whose notice")),
            Column(_("In force")),
            Column(_("Languages")),
            Column(_("State")),
        ],
        "rows": [_version_row(version, today) for version in reversed(versions)],
        "role_columns": [
            Column(_("Body")),
            Column(_("Part in the processing")),
            Column(_("Act that gives it")),
            Column(_("Data protection officer")),
            *([Column(_("Change"), hidden_label=True)] if manage else []),
        ],
        "role_rows": [_role_row(role, manage=manage) for role in roles],
    }
    return render(request, "actions/notice_list.html", context)


def _version_row(version: selectors.Version, today: Any) -> list[Any]:
    notice = version.notice
    until = _("until %(day)s") % {"day": f"{version.until:%d/%m/%Y}"} if version.until else ""
    if version.holds_on(today):
        pill = Pill(_("in force"), "success")
    else:
        pill = Pill(_("to begin"), "info") if today < notice.valid_from else Pill(_("replaced"), "secondary")
    return [
        Link(notice.code, notice.get_absolute_url()),
        owner_of(notice),
        Lines(_("from %(day)s") % {"day": f"{notice.valid_from:%d/%m/%Y}"}, until),
        ", ".join(text.language.name for text in notice.texts.all()),
        pill,
    ]


def act_of(role: ProcessingRole) -> Any:
    """Return the act that gives a part, with its day."""
    return _("%(act)s of %(day)s") % {"act": role.legal_act, "day": f"{role.act_on:%d/%m/%Y}"}


def _role_row(role: ProcessingRole, *, manage: bool) -> list[Any]:
    body = role.organisation
    row = [Link(body.name, body.get_absolute_url()), role.get_role_display(), act_of(role), role.dpo_contact]
    if manage:
        row.append(Link(_("Change"), reverse("actions:processing-edit", args=[role.uuid]), body.name))
    return row


@require_safe
def notice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One version as families read it, in one language, with who answers for the data; made to be printed."""
    found = _notice(request, uuid)
    texts = list(found.texts.all())
    wanted = request.GET.get("language", "it")
    text = next((text for text in texts if text.language.code == wanted), texts[0] if texts else None)
    manage = can_manage_privacy(request.user, found.programme_id)
    address = found.get_absolute_url()
    used = manage and selectors.is_used(found)
    buttons = []
    if manage:
        edit = f"{reverse('actions:notice-edit', args=[found.uuid])}?language={text.language.code if text else ''}"
        buttons = [
            Button(_("Add a language"), reverse("actions:notice-language", args=[found.uuid]), style="outline-primary"),
            Button(
                _("Correct the text"),
                edit,
                style="outline-primary",
                disabled_reason=_("Families have received this version: it does not change any more.") if used else "",
            ),
        ]
    context = {
        "notice": found,
        "programme": found.programme,
        "owner": owner_of(found),
        "text": text,
        "blocks": _blocks(text.body) if text else [],
        "languages": [(one.language.name, f"{address}?language={one.language.code}", one == text) for one in texts],
        "buttons": buttons,
        "roles": [
            (role.get_role_display(), Lines(role.organisation.name, act_of(role)), role.dpo_contact)
            for role in selectors.roles_shown(found.programme_id, [found.organisation_id])
        ],
        "history": history_of(found) if manage else [],
        "crumbs": _crumbs(found.programme, found.code),
    }
    return render(request, "actions/notice.html", context)


def _blocks(body: str) -> list[tuple[bool, str]]:
    """Return the paragraphs of a text, each with whether it is a heading."""
    parts = [part.strip() for part in body.split("\n\n") if part.strip()]
    return [(part.startswith("# "), part.removeprefix("# ")) for part in parts]


@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish a version of the notice."""
    found = _programme(request, slug)
    check_can_manage_privacy(request.user, found.pk)
    form = NoticeForm(
        request.POST or None,
        bodies=selectors.bodies_of(found),
        initial={"valid_from": clock.today(), "language": _italian(selectors.all_languages())},
        cancel_url=reverse("actions:notice-list", args=[found.slug]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            published = services.publish_notice(programme=found, **form.values(), by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request, _("The version is published. Families who received an earlier one are listed to be informed.")
            )
            return redirect(published)
    context = {
        "form": form,
        "heading": _("Publish a version"),
        "lead": _("Schools and partners choose it when they enrol. Once a family has received it, it does not change."),
        "kicker": found.title,
        "crumbs": _crumbs(found, _("Publish a version")),
    }
    return form_page(request, context)


def _italian(languages: Any) -> Any:
    return languages.filter(code="it").first()


@require_http_methods(["GET", "HEAD", "POST"])
def notice_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a version that nobody has received yet."""
    found = _notice(request, uuid)
    check_can_manage_privacy(request.user, found.programme_id)
    wanted = request.GET.get("language", "it")
    text = next((text for text in found.texts.all() if text.language.code == wanted), None)
    form = NoticeForm(
        request.POST or None,
        version=found.version,
        initial={
            "code": found.code,
            "valid_from": found.valid_from,
            "language": text.language_id if text else None,
            "body": text.body if text else "",
        },
        cancel_url=found.get_absolute_url(),
    )
    form.submit_label = _("Save the version")
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_notice(
                notice=found, version=version_of(form), **form.values(), by=request.user, at=clock.now()
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The version is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Correct the text"),
        "kicker": found.code,
        "crumbs": _crumbs(found.programme, (found.code, found.get_absolute_url()), _("Correct the text")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_language(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add the text of a version in one more language."""
    found = _notice(request, uuid)
    check_can_manage_privacy(request.user, found.programme_id)
    form = NoticeLanguageForm(
        request.POST or None, languages=selectors.missing_languages(found), cancel_url=found.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            text = services.add_language(notice=found, **form.values(), by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The language is added."))
            return redirect(f"{found.get_absolute_url()}?language={text.language.code}")
    context = {
        "form": form,
        "heading": _("Add a language"),
        "lead": _("The same notice in another language: translations are added at any time."),
        "kicker": found.code,
        "crumbs": _crumbs(found.programme, (found.code, found.get_absolute_url()), _("Add a language")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def processing_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Record the part of a body in the processing of a programme."""
    found = _programme(request, slug)
    check_can_manage_privacy(request.user, found.pk)
    form = ProcessingRoleForm(
        request.POST or None,
        bodies=selectors.bodies_of(found),
        cancel_url=reverse("actions:notice-list", args=[found.slug]),
    )
    return _role_form(request, form, found, _("Record a part"))


@require_http_methods(["GET", "HEAD", "POST"])
def processing_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the part of a body in the processing."""
    found: ProcessingRole = get_object_or_404(
        ProcessingRole.objects.filter(programme__in=Programme.objects.visible_to(request.user)).select_related(
            "programme", "organisation"
        ),
        uuid=uuid,
    )
    check_can_manage_privacy(request.user, found.programme_id)
    form = ProcessingRoleForm(
        request.POST or None,
        version=found.version,
        initial={name: getattr(found, name) for name in ("role", "legal_act", "act_on", "dpo_contact")},
        cancel_url=reverse("actions:notice-list", args=[found.programme.slug]),
    )
    return _role_form(request, form, found.programme, _("Correct the part"), kept=found)


def _role_form(
    request: HttpRequest, form: Any, programme: Programme, heading: Any, *, kept: ProcessingRole | None = None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            known: dict[str, Any] = {"organisation": kept.organisation, "version": version_of(form)} if kept else {}
            services.record_processing_role(
                **known,
                **form.values(),
                programme=programme,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            if kept and isinstance(error, StaleError):
                kept.refresh_from_db(fields=["version"])
                form.add_refusal(error, version=kept.version)
            else:
                form.add_refusal(error)
        else:
            messages.success(request, _("The part in the processing is saved."))
            return redirect("actions:notice-list", programme.slug)
    context = {
        "form": form,
        "heading": heading,
        "lead": _("Families read it under the notice, the body on its own page, the officer in the register."),
        "kicker": kept.organisation.name if kept else programme.title,
        "crumbs": _crumbs(programme, heading),
    }
    return form_page(request, context)
