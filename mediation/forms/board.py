# SPDX-License-Identifier: EUPL-1.2
"""The forms of triage and assignment. What the rules refuse is told by the services, at the field."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.forms import RowField
from fami_portal.core.forms import PortalFilterForm, PortalForm
from mediation.enums import RefusalReason
from mediation.forms.request_acts import WithReason
from mediation.models import Mediator


def moment_of(day: date, at: time) -> datetime:
    """Return the moment of a day and hour in Italy; in the hour that October repeats, the first of the two."""
    return timezone.make_aware(datetime.combine(day, at))


class _TimeFields(forms.Form):
    """A day and two hours; the end comes after the start, or the session ends on the day after."""

    day = forms.DateField(label=_("Day"))
    starts_at = forms.TimeField(label=pgettext_lazy("hour", "From"))
    ends_at = forms.TimeField(label=pgettext_lazy("hour", "Until"))

    def clean(self) -> dict[str, Any] | None:
        """Refuse an hour that does not exist in the night in which the clocks go forward."""
        data = super().clean()
        for name in ("starts_at", "ends_at"):
            day, hour = self.cleaned_data.get("day"), self.cleaned_data.get(name)
            if day and hour and timezone.localtime(_in_utc(moment_of(day, hour))).time() != hour:
                self.add_error(name, _("This hour does not exist on that day: the clocks go forward."))
        return data

    def moments(self) -> tuple[datetime, datetime]:
        """Return the start and the end as moments."""
        data = self.cleaned_data
        return moment_of(data["day"], data["starts_at"]), moment_of(data["day"], data["ends_at"])


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


class TimeForm(_TimeFields, PortalFilterForm):
    """For which time mediators are sought, in the address."""

    submit_label = _("Look for this time")


class AnswerByForm(PortalForm):
    """Until when the answer is awaited."""

    expires_at = forms.DateTimeField(
        label=_("Answer by"), help_text=_("After that the proposal expires and you can ask somebody else.")
    )


class ArrangedForm(_TimeFields, WithReason):
    """What was agreed by phone, or has been held already."""

    submit_label = _("Enter as arranged outside")
    field_order = ("mediator", "day", "starts_at", "ends_at", "reason")
    mediator = RowField(label=_("Mediator"))
    reason = forms.CharField(
        label=_("Why it was not asked in the portal"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: agreed by phone on the same morning. Without names."),
    )

    def __init__(self, *args: Any, mediators: Iterable[Mediator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mediator"]
        assert isinstance(field, RowField)  # noqa: S101  for the type checker
        field.offer(mediators, label=lambda row: row.name)


class CommentForm(PortalForm):
    """A reason that somebody will read."""

    comment = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any, submit_label: Any, help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit_label
        self.fields["comment"].label = label
        self.fields["comment"].help_text = help_text


class RefuseForm(PortalForm):
    """Why a mediator refuses."""

    submit_label = _("Refuse the proposal")
    reason = forms.ChoiceField(label=_("Reason"), choices=RefusalReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when the reason is another one. The coordinator reads it."),
    )
