# SPDX-License-Identifier: EUPL-1.2
"""What families are told of their data, version by version, and which part in it the law gives to each body."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import DataRole
from actions.models.programmes import Programme
from fami_portal.core.history import row_history
from partners.models import Language, Organisation


class ProcessingRole(models.Model):
    """The part of a body in the processing of the data of one programme: controller, joint controller, processor."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="processing_roles")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="processing_roles"
    )
    role = models.CharField(_("part in the processing"), max_length=20, choices=DataRole)
    # The agreement, appointment or law that gives it, with its day; the paper itself is kept by the body.
    legal_act = models.CharField(_("act that gives it"), max_length=200)
    act_on = models.DateField(_("date of the act"))
    dpo_contact = models.CharField(_("contact of the data protection officer"), max_length=200)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("part in the processing")
        verbose_name_plural = _("parts in the processing")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "organisation"],
                name="actions_processingrole_once",
                violation_error_message=_("This body has a part in this programme already: correct that one."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid programme organisation role legal_act act_on dpo_contact"
        internal = "version"

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_role_display()}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Reads over the versions of the notice."""

    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """Those of the programmes in which the person has any part: a notice is made to be handed out."""
        return self.filter(programme__in=Programme.objects.visible_to(user).values("pk"))


class Notice(models.Model):
    """One version of the privacy notice: of the whole programme, or of a body that has its own (informativa).

    It holds until the next one of the same programme and body begins. Once somebody was enrolled with it, it does
    not change: what a family received stays readable.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="notices")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), null=True, blank=True, related_name="notices"
    )
    code = models.CharField(_("version"), max_length=20)
    valid_from = models.DateField(_("valid from"))
    published_at = models.DateTimeField(_("published on"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy notice")
        verbose_name_plural = _("privacy notices")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "organisation", "code"],
                nulls_distinct=False,
                name="actions_notice_code_once",
                violation_error_message=_("There is a version with this name already."),
            ),
            models.UniqueConstraint(
                fields=["programme", "organisation", "valid_from"],
                nulls_distinct=False,
                name="actions_notice_day_once",
                violation_error_message=_("Another version begins on this day."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid programme organisation code valid_from published_at"
        internal = "published_by version"

    def __str__(self) -> str:
        return f"{self.programme} {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("actions:notice", args=[self.uuid])


class NoticeText(models.Model):
    """The words of one version of the notice, in one language."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="texts")
    language = models.ForeignKey(Language, on_delete=models.PROTECT, verbose_name=_("language"), related_name="+")
    body = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of a privacy notice")
        verbose_name_plural = _("texts of privacy notices")
        constraints = [models.UniqueConstraint(fields=["notice", "language"], name="actions_noticetext_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id notice language body"

    def __str__(self) -> str:
        return f"{self.notice} ({self.language})"
