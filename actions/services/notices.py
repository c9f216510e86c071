# SPDX-License-Identifier: EUPL-1.2
"""Publishing the versions of the privacy notice, and recording which part the law gives to each body."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from actions.enums import DataRole
from actions.models import Notice, NoticeText, ProcessingRole, Programme
from actions.permissions import check_can_manage_privacy
from actions.selectors.notices import is_used
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Language, Organisation


def publish_notice(
    *,
    programme: Programme,
    organisation: Organisation | None,
    code: str,
    valid_from: date,
    language: Language,
    body: str,
    by: Any,
    at: datetime,
) -> Notice:
    """Publish a version of the notice of a programme, or of a body that has its own, in its first language.

    Families enrolled with the version before are listed to be informed again. The same one published twice is there
    once. Raises `NotPermitted`, `DomainError` at the field.
    """
    if by is not None:
        check_can_manage_privacy(by, programme.pk)
    code, body = _checked_code(code), _checked_text(body)
    with acting(by):
        Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
        own = Notice.objects.filter(programme=programme, organisation=organisation)
        kept = own.filter(code=code).first()
        if kept is not None:
            if kept.valid_from == valid_from and kept.texts.filter(language=language, body=body).exists():
                return kept
            raise DomainError(_("There is a version with this name already."), field="code")
        _check_day(own, valid_from)
        notice = Notice.objects.create(
            programme=programme,
            organisation=organisation,
            code=code,
            valid_from=valid_from,
            published_at=at,
            published_by=by,
        )
        NoticeText.objects.create(notice=notice, language=language, body=body)
        record_event(by=by, verb="notice_published", target=notice, on_behalf_of=organisation or "", at=at)
    return notice


def correct_notice(
    *, notice: Notice, version: int, code: str, valid_from: date, language: Language, body: str, by: Any, at: datetime
) -> Notice:
    """Correct a version that nobody has received yet: its name, its day, its text in one language.

    Raises `NotPermitted`, `StaleError`, `DomainError` once somebody was enrolled with it.
    """
    if by is not None:
        check_can_manage_privacy(by, notice.programme_id)
    code, body = _checked_code(code), _checked_text(body)
    with acting(by):
        # An enrolment holds a share of this row: whoever comes second sees what the first did.
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.version != version:
            raise StaleError
        if is_used(locked):
            raise DomainError(
                _("Families have received this version: it does not change any more. Publish a new version instead.")
            )
        others = Notice.objects.filter(programme=locked.programme_id, organisation=locked.organisation_id).exclude(
            pk=locked.pk
        )
        if others.filter(code=code).exists():
            raise DomainError(_("There is a version with this name already."), field="code")
        _check_day(others, valid_from)
        Notice.objects.filter(pk=locked.pk).update(code=code, valid_from=valid_from, version=F("version") + 1)
        NoticeText.objects.update_or_create(notice=locked, language=language, defaults={"body": body})
        record_event(by=by, verb="notice_corrected", target=locked, at=at)
    notice.refresh_from_db()
    return notice


def add_language(*, notice: Notice, language: Language, body: str, by: Any, at: datetime) -> NoticeText:
    """Add the text of a version in one more language; the texts that are there stay as they are.

    Raises `NotPermitted`, `DomainError` where the language is there with another text.
    """
    if by is not None:
        check_can_manage_privacy(by, notice.programme_id)
    body = _checked_text(body)
    try:
        with acting(by), transaction.atomic():
            text, created = NoticeText.objects.get_or_create(notice=notice, language=language, defaults={"body": body})
            if created:
                record_event(by=by, verb="notice_language_added", target=notice, at=at)
    except IntegrityError:
        text = NoticeText.objects.get(notice=notice, language=language)
    if text.body != body:
        raise DomainError(_("This version has a text in this language already."), field="language")
    return text


def record_processing_role(
    *,
    programme: Programme,
    organisation: Organisation,
    role: str,
    legal_act: str,
    act_on: date,
    dpo_contact: str,
    by: Any,
    at: datetime,
    version: int | None = None,
) -> ProcessingRole:
    """Record the part of a body in the processing of a programme, or correct it (`version` is the one shown).

    Recording the same again changes nothing. Raises `NotPermitted`, `StaleError`, `DomainError` at the field.
    """
    if by is not None:
        check_can_manage_privacy(by, programme.pk)
    if role not in DataRole.values:
        raise DomainError(_("Choose the part in the processing."), field="role")
    for name, text in (("legal_act", legal_act), ("dpo_contact", dpo_contact)):
        if not text.strip():
            raise DomainError(_("Write it: families and officers read it."), field=name)
    values = {"role": role, "legal_act": legal_act.strip(), "act_on": act_on, "dpo_contact": dpo_contact.strip()}
    with acting(by):
        Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
        kept = ProcessingRole.objects.filter(programme=programme, organisation=organisation).first()
        if kept is not None and all(getattr(kept, name) == value for name, value in values.items()):
            return kept
        if kept is None:
            kept = ProcessingRole.objects.create(programme=programme, organisation=organisation, **values)
        elif version is None:
            raise DomainError(
                _("This body has a part in this programme already: correct that one."), field="organisation"
            )
        elif kept.version != version:
            raise StaleError
        else:
            ProcessingRole.objects.filter(pk=kept.pk).update(**values, version=F("version") + 1)
        record_event(by=by, verb="processing_role_recorded", target=kept, on_behalf_of=organisation, at=at)
    kept.refresh_from_db()
    return kept


def _checked_code(code: str) -> str:
    if not code.strip():
        raise DomainError(_("Give the version a name, as 2026/1."), field="code")
    return code.strip()


def _checked_text(body: str) -> str:
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise DomainError(_("Write the text of the notice."), field="body")
    return body


def _check_day(others: Any, valid_from: date) -> None:
    if others.filter(valid_from=valid_from).exists():
        raise DomainError(_("Another version begins on this day."), field="valid_from")
