# SPDX-License-Identifier: EUPL-1.2
"""Later versions of the privacy notice that enrolled recipients were given; the first is on the enrolment itself."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from actions.models import Notice
from beneficiaries.enums import NoticeReceiver
from beneficiaries.models.registers import Enrolment
from fami_portal.core.history import row_history
from partners.models import Language


class NoticeRenewal(models.Model):
    """A newer version of the notice was given to somebody enrolled with an older one."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="notice_renewals")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, verbose_name=_("privacy notice"), related_name="+")
    given_on = models.DateField(_("notice given on"))
    given_to = models.CharField(_("notice given to"), max_length=10, choices=NoticeReceiver)
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("language of the notice"), related_name="+"
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("newer notice given")
        verbose_name_plural = _("newer notices given")
        constraints = [models.UniqueConstraint(fields=["enrolment", "notice"], name="beneficiaries_noticerenewal_once")]
        triggers = [row_history()]

    class Privacy:
        internal = "id notice given_on given_to language at by"
        special = "enrolment"

    def __str__(self) -> str:
        return f"{self.notice} #{self.pk}"
