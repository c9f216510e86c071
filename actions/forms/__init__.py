# SPDX-License-Identifier: EUPL-1.2
"""The forms of activities, meetings, contents and products. What the rules refuse is told by the services."""

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.enums import ReachMetric
from actions.models import ActivityType, ReachChannel
from actions.selectors.activities import EVIDENCE
from fami_portal.core.documents import CheckedFile, DocumentRefused, check_document
from fami_portal.core.forms import PortalForm
from partners.enums import InformalReason
from partners.models import Language

Rows = Sequence[Any]


class RowField(forms.TypedChoiceField):
    """One of some rows that the view has read already: no query of its own, groups of choices allowed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_value=None, **kwargs)

    def offer(self, rows: Iterable[Any], *, group: Any = None, label: Any = str) -> None:
        """Set the rows to choose from; `group` says under which heading each goes."""
        offered = {str(row.pk): row for row in rows}
        self.coerce = lambda value: offered[str(value)]
        choices: dict[str, list[tuple[str, str]]] = {}
        for key, row in offered.items():
            choices.setdefault(str(group(row)) if group else "", []).append((key, label(row)))
        self.choices = [
            *([("", "---------")] if len(offered) != 1 or not self.required else []),
            *((choices.get("") or []) if group is None else choices.items()),
        ]
        if len(offered) == 1 and self.required:
            self.initial = next(iter(offered))

    def prepare_value(self, value: Any) -> Any:
        """Accept a row as the initial value."""
        return getattr(value, "pk", value)


class EvidenceField(forms.FileField):
    """A file that proves something: checked on its way in, kept by the service."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Evidence"))
        kwargs.setdefault("help_text", _("PDF, picture, Word or Excel: a screen shot, the material itself. No names."))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file, or None when there is none."""
        upload = super().clean(data, initial)
        if not upload or upload == initial:
            return None
        try:
            return check_document(kind=EVIDENCE, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class ActivityForm(PortalForm):
    """A new activity, in the few facts that nobody else knows."""

    submit_label = _("Create the activity")
    organisation = RowField(label=_("Body"))
    network = RowField(label=_("Network"))
    activity_type = RowField(label=_("Activity type"), help_text=_("As the programme names it."))
    plan = RowField(
        label=_("Plan"), required=False, help_text=_("Of the Ambito or of the body, when the activity is part of one.")
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For example: Italian L2 lab, class 3B. Without names of people.")
    )
    starts_on = forms.DateField(label=_("Start"))
    ends_on = forms.DateField(label=_("End"))
    venue = RowField(
        label=_("Held at"), required=False, help_text=_("The school or service that hosts it, when it is another body.")
    )
    planned_hours = forms.IntegerField(label=_("Planned hours"), required=False, min_value=1, max_value=10000)
    places = forms.IntegerField(label=_("Places"), required=False, min_value=1, max_value=10000)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        organisations: Rows,
        networks: Rows,
        activity_types: Rows,
        venues: Rows,
        plans: Rows = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("organisation", organisations)
        self._offer("network", networks)
        self._offer("activity_type", activity_types, group=type_heading)
        self._offer("venue", venues)
        self._offer("plan", plans)
        if not plans:
            del self.fields["plan"]

    def _offer(self, name: str, rows: Rows, **how: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, RowField)  # noqa: S101  for the type checker
        field.offer(rows, **how)

    def get_layout(self) -> Sequence[Any]:
        """Group what it is, when and where, and how big."""
        return [
            Fieldset(
                _("What it is"),
                "organisation",
                "network",
                "activity_type",
                *(["plan"] if "plan" in self.fields else []),
                "title",
            ),
            Fieldset(_("When and where"), "starts_on", "ends_on", "venue"),
            Fieldset(_("How big"), "planned_hours", "places", "description"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}
        hours = values.pop("planned_hours")
        return values | {"planned_minutes": hours * 60 if hours else None}


def type_heading(activity_type: ActivityType) -> str:
    return f"{activity_type.programme.title} – {activity_type.action}"


class ActivityEditForm(ActivityForm):
    """The facts of an activity that can still change."""

    submit_label = _("Save the activity")
    organisation = network = activity_type = None  # type: ignore[assignment]

    def __init__(self, *args: Any, venues: Rows, plans: Rows = (), **kwargs: Any) -> None:
        super(ActivityForm, self).__init__(*args, **kwargs)
        self._offer("venue", venues)
        self._offer("plan", plans)
        if not plans:
            del self.fields["plan"]

    def get_layout(self) -> Sequence[Any]:
        """The title first, then as the form of a new activity."""
        plan = ["plan"] if "plan" in self.fields else []
        return ["title", *plan, *super().get_layout()[1:]]


class ReasonForm(PortalForm):
    """The reason of a cancellation or of a reopening."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever reads it later must understand it. Without names of people."),
    )

    def __init__(self, *args: Any, submit_label: Any, danger: bool = True, **kwargs: Any) -> None:
        self.submit_label = submit_label
        self.submit_style = "danger" if danger else "primary"
        super().__init__(*args, **kwargs)


class MeetingForm(PortalForm):
    """A meeting, or one every week until a day."""

    submit_label = _("Add the meeting")
    held_on = forms.DateField(label=_("Day"))
    starts_at = forms.TimeField(label=_("From"))
    ends_at = forms.TimeField(label=_("Until"))
    minutes = forms.IntegerField(
        label=_("Minutes that count"),
        required=False,
        min_value=1,
        help_text=_("Only when they are less than the whole time, for example for a break."),
    )
    topic = forms.CharField(label=_("Topic"), required=False, max_length=200)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    repeat_until = forms.DateField(
        label=_("Repeat every week until"),
        required=False,
        help_text=_("Leave it empty for one meeting. Public holidays are left out."),
    )

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("submission_key", "version", "repeat_until")
        }


class MeetingEditForm(MeetingForm):
    """The facts of a meeting."""

    submit_label = _("Save the meeting")
    repeat_until = None  # type: ignore[assignment]
    head_count = forms.IntegerField(
        label=_("People present"),
        required=False,
        min_value=0,
        max_value=10000,
        help_text=_("A number only, where there is no register."),
    )

    def __init__(self, *args: Any, with_head_count: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_head_count:
            del self.fields["head_count"]


class HoldForm(PortalForm):
    """A meeting without register took place."""

    submit_label = _("Record as held")
    head_count = forms.IntegerField(
        label=_("People present"), required=False, min_value=0, max_value=10000, help_text=_("A number only, no names.")
    )


class BodyPresentForm(PortalForm):
    """A body that was at a meeting."""

    submit_label = _("Add to those present")
    organisation = RowField(label=_("Association or body"))
    people = forms.IntegerField(label=_("How many of its people"), min_value=1, max_value=10000, initial=1)

    def __init__(self, *args: Any, organisations: Rows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(organisations, group=lambda body: body.get_kind_display())  # type: ignore[attr-defined]


class AssociationForm(PortalForm):
    """An association that the portal does not know yet."""

    submit_label = _("Register and add to those present")
    name = forms.CharField(label=_("Name of the association"), max_length=200)
    fiscal_code = forms.CharField(label=_("Tax code"), required=False, max_length=20, help_text=_("11 digits"))
    informal_reason = forms.ChoiceField(
        label=_("If it has no tax code, why"), required=False, choices=[("", "---------"), *InformalReason.choices]
    )
    people = forms.IntegerField(label=_("How many of its people"), min_value=1, max_value=10000, initial=1)

    def clean(self) -> dict[str, Any]:
        """Ask for the tax code, or for the reason why there is none."""
        data = super().clean() or self.cleaned_data
        if not data.get("fiscal_code") and not data.get("informal_reason") and not self.errors:
            self.add_error("fiscal_code", _("Give the tax code, or the reason why there is none."))
        return data


class CampaignForm(PortalForm):
    """A content that was published."""

    submit_label = _("Save the content")
    channel = RowField(label=_("Channel"))
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("For example: Newsletter, issue 12."))
    audience = forms.CharField(
        label=_("Who is reached"),
        max_length=100,
        help_text=_("The audience, always with the same words: the same subscribers are counted once."),
    )
    language = RowField(label=_("Language"), required=False)
    published_on = forms.DateField(label=_("Published on"))
    url = forms.URLField(label=_("Address of the published page"), required=False, assume_scheme="https")
    value = forms.IntegerField(
        label=_("Value read on that day"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        help_text=_("What the channel counts: subscribers, views, copies. More values can be added later."),
    )
    source = forms.CharField(label=_("Where it was read"), required=False, max_length=200)
    evidence = EvidenceField()

    def __init__(
        self,
        *args: Any,
        channels: QuerySet[ReachChannel],
        languages: QuerySet[Language],
        with_value: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].offer(channels)  # type: ignore[attr-defined]
        self.fields["language"].offer(languages)  # type: ignore[attr-defined]
        if not with_value:
            del self.fields["value"], self.fields["source"]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class MeasureForm(PortalForm):
    """A value of the channel's metric on a day."""

    submit_label = _("Add the value")
    measured_on = forms.DateField(label=_("Read on"))
    value = forms.IntegerField(label=_("Value"), min_value=0, max_value=2_000_000_000)
    metric = forms.ChoiceField(
        label=_("What was counted"),
        required=False,
        choices=[("", _("What the channel counts")), *ReachMetric.choices],
        help_text=_("Another metric, such as views, is kept to be read and never counts."),
    )
    source = forms.CharField(label=_("Where it was read"), required=False, max_length=200)


class MeasureEditForm(MeasureForm):
    """The correction of a value and of its day."""

    submit_label = _("Save the value")
    metric = None  # type: ignore[assignment]


def version_of(form: PortalForm) -> int:
    """Return the version with which the page was opened; -1, which nothing has, for a text that is none."""
    text = form.cleaned_data.get("version") or ""
    return int(text) if text.isdigit() else -1
