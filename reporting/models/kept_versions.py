# SPDX-License-Identifier: EUPL-1.2
"""What a version of a report keeps: words and figures as they were submitted, and the frozen copy if it went through."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history


class KeptVersion(models.Model):
    """A submission of a report as it was; the last one before a report is validated holds its frozen copy too."""

    number = models.PositiveSmallIntegerField(_("version"))
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    boxes = models.JSONField(default=dict)
    problem_origins = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    # The canonical JSON, kept as the text whose sha256 stands beside it.
    frozen = models.TextField(blank=True)
    frozen_sha256 = models.CharField(max_length=64, blank=True)
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def all_or_nothing(name: str) -> models.CheckConstraint:
    """Return the constraint that a copy is there with its sha256 and moment, or not at all."""
    return models.CheckConstraint(
        condition=Q(frozen="", frozen_sha256="", frozen_at__isnull=True)
        | (~Q(frozen="") & ~Q(frozen_sha256="") & Q(frozen_at__isnull=False)),
        name=name,
    )


def frozen_stays() -> list[Any]:
    """Return the triggers of a table of versions: what is frozen never changes, and the history of the rest is kept."""
    return [
        pgtrigger.Protect(
            name="frozen_stays", operation=pgtrigger.Update, condition=pgtrigger.Q(old__frozen_sha256__gt="")
        ),
        row_history(exclude=("boxes", "frozen")),
    ]
