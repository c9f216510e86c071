# SPDX-License-Identifier: EUPL-1.2
"""Forms of incidents, and the window of a breach report."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from actions.models import Programme
from beneficiaries.selectors.readings import readings_for
from fami_portal.core.forms import PortalFilterForm, PortalForm
from partners.models import Organisation
from privacy.models import Incident


class WindowForm(PortalFilterForm):
    """Between which moments, of whom, of which body; whether the chains are verified."""

    since = forms.DateTimeField(label=_("From"))
    until = forms.DateTimeField(label=_("Until"))
    user = forms.TypedChoiceField(label=_("Who"), required=False, empty_value=None)
    organisation = forms.TypedChoiceField(label=_("Recipients of"), required=False, empty_value=None)
    verify = forms.BooleanField(label=_("Verify the chains of readings"), required=False)

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = readings_for(by).order_by()
        people = User.objects.filter(pk__in=visible.values("actor"))
        bodies = Organisation.objects.filter(pk__in=visible.values("chain__organisation"))
        # Read once: for the choice, for what was chosen, and for the report.
        self.people = {one.pk: one for one in people.order_by("family_name", "given_name", "pk")}
        self.bodies = {one.pk: one for one in bodies.order_by("name", "pk")}
        self._offer("user", self.people, lambda one: one.get_full_name())
        self._offer("organisation", self.bodies, str)

    def _offer(self, name: str, found: Mapping[int, Any], label: Callable[[Any], str]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", _("Any")), *((str(pk), label(one)) for pk, one in found.items())]
        field.coerce = lambda pk: found[int(pk)]

    def clean(self) -> dict[str, Any]:
        """Check that the window is one."""
        values = super().clean() or {}
        if values.get("since") and values.get("until") and values["until"] <= values["since"]:
            self.add_error("until", _("The end comes before the start."))
        return values


class IncidentForm(PortalForm):
    """What is known of an incident."""

    submit_label = _("Save the incident")

    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    title = forms.CharField(
        label=_("What happened, in a line"), max_length=150, help_text=_("Without names: “Laptop of a body stolen”.")
    )
    discovered_at = forms.DateTimeField(label=_("Known since"), help_text=_("The 72 hours run from here."))
    happened_from = forms.DateTimeField(label=_("Happened from"))
    happened_until = forms.DateTimeField(label=_("Happened until"), required=False)
    description = forms.CharField(
        label=_("What happened and whose data"),
        max_length=3000,
        help_text=_("Nature of the breach, kinds of persons and of data, likely consequences."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    persons = forms.IntegerField(label=_("Persons concerned, about"), min_value=0, required=False)
    measures = forms.CharField(
        label=_("What was done"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    persons_told_on = forms.DateField(
        label=_("Persons told on"),
        required=False,
        help_text=_("Where the risk for them is high (art. 34); the bodies tell them."),
    )

    def __init__(self, *args: Any, by: Any, incident: Incident | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if incident is not None:
            del self.fields["programme"]
        else:
            reached = Programme.objects.reached_by(by, Permission.FOLLOW_INCIDENTS).order_by("title", "pk")
            self.fields["programme"].queryset = reached  # type: ignore[attr-defined]


class StepForm(PortalForm):
    """A step of the life of an incident, with its reason."""

    comment = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        help_text=_("It is kept: the authority may ask for it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, submit_label: Any, **kwargs: Any) -> None:
        self.submit_label = submit_label
        super().__init__(*args, **kwargs)


class NotifyForm(StepForm):
    """When the authority was told."""

    notified_at = forms.DateTimeField(label=_("Notified to the authority on"))

    field_order = ("notified_at", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = False
        self.fields["comment"].label = _("Note")
        self.fields["comment"].help_text = _("After 72 hours: the reasons for the delay.")


def local(moment: Any) -> Any:
    """Return a moment as the fields of a form show it."""
    return timezone.localtime(moment) if moment is not None else None
