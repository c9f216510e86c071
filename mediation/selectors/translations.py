# SPDX-License-Identifier: EUPL-1.2
"""Reading translations, and who may open their files."""

from typing import Any

from django.db.models import QuerySet

from fami_portal.core.models import Document
from mediation.models import Translation
from mediation.permissions import can_read_files

DOCUMENT = "mediation_translation"


def translations_for(user: Any) -> QuerySet[Translation]:
    """Return the translations that the person sees, newest first."""
    return Translation.objects.visible_to(user).with_parts().order_by("-created_at", "-pk")


def may_open_file(user: Any, document: Document) -> bool:
    """Whether the person may download a file of a translation: the body, its coordinators, the translator."""
    translation = Translation.objects.filter(pk=document.subject_id).first()
    return translation is not None and can_read_files(user, translation)
