# SPDX-License-Identifier: EUPL-1.2
"""Forms of shared names, of the printed register and of exceptional openings."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import Meeting
from actions.selectors.notices import Version
from beneficiaries.enums import BreakGlassReason, SharingPurpose
from beneficiaries.forms.recipients import version_label
from beneficiaries.selectors.sharing import ToShare
from fami_portal.core.forms import PortalForm


class SharingForm(PortalForm):
    """The terms on which a body shares names; with whom is asked only where there is a choice."""

    submit_label = _("Share the names")
    to = forms.ChoiceField(label=_("With whom?"), widget=forms.RadioSelect)
    notice_version = forms.ChoiceField(
        label=_("Version of the privacy notice"),
        help_text=_("As on the paper that the families received. It must say that the names are shared."),
    )
    notice_given_on = forms.DateField(label=_("Given to the families on"))
    purpose = forms.ChoiceField(label=_("What for?"), choices=SharingPurpose.choices, widget=forms.RadioSelect)
    details = forms.CharField(
        label=_("Details"),
        required=False,
        max_length=200,
        help_text=_("Needed for “something else”. Without names."),
    )
    starts_on = forms.DateField(label=_("Shared from"))

    def __init__(
        self, *args: Any, choices: Sequence[ToShare], versions: Sequence[Version], today: date, **kwargs: Any
    ) -> None:
        """Offer the published `versions` that families may have received until `today`, and the one enrolled with."""
        super().__init__(*args, **kwargs)
        self.offered = list(choices)
        published = {one.notice.code: version_label(one) for one in versions if one.notice.valid_from <= today}
        # Enrolled before the versions were published in the portal: what was written then is the only evidence.
        written = self.initial.get("notice_version") or ""
        self.fields["notice_version"].choices = [  # type: ignore[attr-defined]
            ("", "---------"),
            *({written: written} | published if written else published).items(),
        ]
        self.fields["starts_on"].initial = today
        if len(self.offered) < 2:
            del self.fields["to"]
        else:
            self.fields["to"].choices = [  # type: ignore[attr-defined]
                (str(place), f"{one.organisation.name} → {one.keeper.name}") for place, one in enumerate(self.offered)
            ]

    @property
    def chosen(self) -> ToShare:
        """With whom, of a valid form."""
        return self.offered[int(self.cleaned_data.get("to") or 0)]

    def clean(self) -> dict[str, Any]:
        """Ask for details where the purpose alone says nothing."""
        data = super().clean() or self.cleaned_data
        if data.get("purpose") == SharingPurpose.OTHER and not data.get("details", "").strip():
            self.add_error("details", _("Write what for: whoever reads it later must understand it."))
        return data

    def terms(self) -> dict[str, Any]:
        """Return the terms as the service takes them."""
        return {
            name: self.cleaned_data[name]
            for name in ("notice_version", "notice_given_on", "purpose", "details", "starts_on")
        }


class RevokeForm(PortalForm):
    """Why names are not shared any more."""

    submit_label = _("Revoke the sharing")
    submit_style = "danger"
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Without names.")
    )


class PrintForm(PortalForm):
    """What the printed register holds."""

    submit_label = _("Open the names and print")
    RECORDED, BLANK = "recorded", "blank"
    content = forms.ChoiceField(
        label=_("What do you print?"),
        choices=[
            (BLANK, _("Sheet to be signed by hand: the cells are empty")),
            (RECORDED, _("Register as it is written: presences and minutes")),
        ],
        initial=BLANK,
        widget=forms.RadioSelect,
    )
    meeting = forms.ChoiceField(label=_("Meetings"), required=False)

    def __init__(self, *args: Any, meetings: Iterable[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meetings = list(meetings)
        self.fields["meeting"].choices = [  # type: ignore[attr-defined]
            ("", _("All the meetings")),
            *((str(one.uuid), f"{one.held_on:%d/%m/%Y}, {one.starts_at:%H:%M}") for one in self.meetings),
        ]

    @property
    def chosen(self) -> list[Meeting]:
        """The meetings of a valid form."""
        wanted = self.cleaned_data["meeting"]
        return [one for one in self.meetings if not wanted or str(one.uuid) == wanted]

    @property
    def blank(self) -> bool:
        """Whether the cells stay empty."""
        return self.cleaned_data["content"] == self.BLANK


class BreakGlassForm(PortalForm):
    """Why the Region opens a name of another body."""

    submit_label = _("Open the name and tell the officer")
    submit_style = "danger"
    reason = forms.ChoiceField(
        label=_("Why do you open it?"), choices=BreakGlassReason.choices, widget=forms.RadioSelect
    )
    details = forms.CharField(
        label=_("Say it in your own words"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("At least four words, without names: who asked, what happened, which paper."),
    )


class ExamineForm(PortalForm):
    """What the officer found."""

    submit_label = _("Mark as examined")
    note = forms.CharField(
        label=_("What did you find?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without names. Whoever reads it later must understand whether the opening was right."),
    )
