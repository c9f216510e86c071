# SPDX-License-Identifier: EUPL-1.2
"""The forms of teachers: whom to plan at which meetings, and who comes in the place of whom."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.models import Meeting, Teacher
from fami_portal.core.forms import PortalForm

NEW = "new"


class SubstituteForm(PortalForm):
    """Who comes: a teacher of the list, an account of the body, or somebody new by name."""

    submit_label = _("Record the substitute")
    teacher = forms.ChoiceField(label=_("Teacher"))
    given_name = forms.CharField(label=_("Given name, if new"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Family name, if new"), max_length=100, required=False)
    organisation = forms.ChoiceField(label=_("Body, if new"), required=False)

    def __init__(
        self,
        *args: Any,
        teachers: Sequence[Teacher],
        accounts: Sequence[tuple[int, User]],
        bodies: Sequence[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.teachers = {str(teacher.pk): teacher for teacher in teachers}
        self.accounts = {f"account-{user.pk}": (body, user) for body, user in accounts}
        self.fields["teacher"].choices = [  # type: ignore[attr-defined]
            ("", "---------"),
            *((key, f"{one.name}, {one.organisation.name}") for key, one in self.teachers.items()),
            *((key, f"{user.family_name} {user.given_name}") for key, (_body, user) in self.accounts.items()),
            (NEW, _("Somebody who is not in the list")),
        ]
        self.fields["organisation"].choices = bodies  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the names of somebody new."""
        data = super().clean() or self.cleaned_data
        if data.get("teacher") == NEW:
            for name in ("given_name", "family_name"):
                if not (data.get(name) or "").strip():
                    self.add_error(name, _("Write the name of the teacher."))
        return data

    @property
    def known(self) -> Teacher | None:
        """The teacher of the list that was chosen."""
        return self.teachers.get(self.cleaned_data["teacher"])

    def new_values(self) -> dict[str, Any]:
        """Return what the service needs to write a teacher who is not in the list."""
        account = self.accounts.get(self.cleaned_data["teacher"])
        if account is not None:
            body, user = account
            return {
                "organisation_id": body,
                "given_name": user.given_name,
                "family_name": user.family_name,
                "user": user,
            }
        data = self.cleaned_data
        return {
            "organisation_id": int(data["organisation"] or 0),
            "given_name": data["given_name"],
            "family_name": data["family_name"],
        }


class TeacherForm(PortalForm):
    """The name of a teacher, and whether it can still be planned."""

    submit_label = _("Save")
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(
        label=_("Family name"),
        max_length=100,
        help_text=_("To correct how it is written. For another person, plan the other person instead."),
    )
    is_active = forms.BooleanField(
        label=_("It can be planned at meetings"),
        required=False,
        help_text=_("Untick it for who works here no more: the registers that it kept stay as they are."),
    )


class AssignForm(SubstituteForm):
    """Whom to plan, and at which meetings."""

    submit_label = _("Plan the teacher")
    meetings = forms.MultipleChoiceField(label=_("At these meetings"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, meetings: Sequence[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(meeting.pk): meeting for meeting in meetings}
        self.fields["meetings"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.held_on:%d/%m/%Y}, {one.starts_at:%H:%M}–{one.ends_at:%H:%M}")
            for key, one in self.offered.items()
        ]

    @property
    def chosen(self) -> list[Meeting]:
        """The meetings of a valid form."""
        return [self.offered[key] for key in self.cleaned_data["meetings"]]
