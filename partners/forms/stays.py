# SPDX-License-Identifier: EUPL-1.2
"""Forms of the stays of bodies in a network, and of its deeds."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.documents import CheckedFile, DocumentRefused, accepted_extensions, check_document
from fami_portal.core.forms import PortalForm
from partners.enums import DeedKind, ExitReason, NetworkRole
from partners.models import NetworkDeed, Organisation
from partners.selectors.deeds import DEED


class DeedChoiceField(forms.ModelChoiceField):
    """One of the deeds of the network, if there is one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Deed"))
        kwargs.setdefault("help_text", _("Record it first on the page of the network, if you have it."))
        super().__init__(queryset=NetworkDeed.objects.none(), to_field_name="uuid", required=False, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Return kind, number, date and body."""
        words = f"{obj.title} – {obj.signed_on:%d/%m/%Y}"
        return f"{words} – {obj.organisation.name}" if obj.organisation else words


class DeedFileField(forms.FileField):
    """The copy of a deed: checked on its way in, kept by the service."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("File"))
        kwargs.setdefault(
            "help_text", _("PDF, signed PDF or picture. Leave out the copies of identity cards attached to the deed.")
        )
        super().__init__(required=False, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Offer only the types that are accepted."""
        return {**super().widget_attrs(widget), "accept": accepted_extensions(DEED)}

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file, or None when there is none."""
        upload = super().clean(data, initial)
        if not upload or upload == initial:
            return None
        try:
            return check_document(kind=DEED, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class MemberForm(PortalForm):
    """A body that enters a network."""

    submit_label = _("Add to the network")
    organisation = forms.ModelChoiceField(label=_("Body"), queryset=Organisation.objects.none(), to_field_name="uuid")
    role = forms.ChoiceField(label=_("Part"), choices=NetworkRole.choices, initial=NetworkRole.MEMBER)
    entered_on = forms.DateField(label=_("Entered on"), initial=clock.today)
    deed = DeedChoiceField(label=_("Deed of entry"))

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation], deeds: QuerySet[NetworkDeed], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["deed"].queryset = deeds  # type: ignore[attr-defined]


class EntryForm(PortalForm):
    """The right days of a stay, and why the old ones were wrong; or that the body was never there."""

    submit_label = _("Correct the stay")
    entered_on = forms.DateField(label=_("Entered on"))
    left_on = forms.DateField(
        label=_("Last day in the network"), required=False, help_text=_("Empty: the body has not left.")
    )
    reason = forms.CharField(
        label=_("Why it is corrected"), max_length=300, help_text=_("It stays in the history of the network.")
    )
    never = forms.BooleanField(
        label=_("The body was never in this network: take it away"),
        required=False,
        help_text=_("Only for a body added by mistake, without any work here."),
    )

    def __init__(self, *args: Any, ended: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ended:
            del self.fields["left_on"]


class MemberEndForm(PortalForm):
    """The last day of a body in a network, and why it leaves."""

    submit_label = _("End the stay")
    submit_style = "danger"
    left_on = forms.DateField(
        label=_("Last day in the network"),
        initial=clock.today,
        help_text=_("What the body did until this day is still reported; later meetings are refused."),
    )
    exit_reason = forms.ChoiceField(
        label=_("Why it leaves"), choices=[("", "---------"), *ExitReason.choices], required=False
    )
    reason = forms.CharField(
        label=_("Details"), required=False, max_length=500, help_text=_("They stay in the history of the network.")
    )
    deed = DeedChoiceField(label=_("Deed of exit"))

    def __init__(self, *args: Any, deeds: QuerySet[NetworkDeed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deed"].queryset = deeds  # type: ignore[attr-defined]


class LeadForm(PortalForm):
    """Who leads a network from a day on, and what becomes of the old lead."""

    submit_label = _("Change the lead")
    organisation = forms.ModelChoiceField(
        label=_("New lead"), queryset=Organisation.objects.none(), to_field_name="uuid"
    )
    first_day = forms.DateField(
        label=_("It leads from"), help_text=_("The old lead leads until the day before. For example 15/03/2026")
    )
    old_goes_on_as = forms.ChoiceField(label=_("The old lead"), required=False, initial=NetworkRole.MEMBER)
    reason = forms.CharField(
        label=_("Details"), required=False, max_length=500, help_text=_("They stay in the history of the network.")
    )
    deed = DeedChoiceField(label=_("Deed of the change"))

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation], deeds: QuerySet[NetworkDeed], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["deed"].queryset = deeds  # type: ignore[attr-defined]
        goes_on = [(role.value, _("stays as: %(part)s") % {"part": role.label}) for role in NetworkRole]
        self.fields["old_goes_on_as"].choices = [  # type: ignore[attr-defined]
            *(choice for choice in goes_on if choice[0] != NetworkRole.LEAD),
            ("", _("leaves the network")),
        ]


class DeedForm(PortalForm):
    """A signed deed of a network."""

    submit_label = _("Save the deed")
    kind = forms.ChoiceField(label=_("Kind of deed"), choices=[("", "---------"), *DeedKind.choices])
    signed_on = forms.DateField(label=_("Date of the deed"))
    repertory_number = forms.CharField(
        label=_("Repertory number"), required=False, max_length=40, help_text=_("As on the deed, for example 1234/2026")
    )
    organisation = forms.ModelChoiceField(
        label=_("Body concerned"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        required=False,
        help_text=_("For the accession or the exit of one body."),
    )
    signatories = forms.ModelMultipleChoiceField(
        label=_("Bodies that signed"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    file = DeedFileField()
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without names of people."),
    )

    def __init__(
        self,
        *args: Any,
        organisations: QuerySet[Organisation],
        signatories: QuerySet[Organisation],
        deed: NetworkDeed | None = None,
        **kwargs: Any,
    ) -> None:
        if deed is not None:
            kwargs["initial"] = {
                "kind": deed.kind,
                "signed_on": deed.signed_on,
                "repertory_number": deed.repertory_number,
                "organisation": deed.organisation and deed.organisation.uuid,
                "signatories": [body.uuid for body in deed.signatories.order_by("name", "pk")],
                "notes": deed.notes,
            }
            kwargs["version"] = deed.version
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["signatories"].queryset = signatories  # type: ignore[attr-defined]
        if deed is not None and deed.file is not None:
            self.fields["file"].label = _("Another file in place of the one that is there")

    def get_layout(self) -> Sequence[Any]:
        """Group the deed itself, whom it is about, and its file."""
        return [
            Fieldset(_("The deed"), "kind", "signed_on", "repertory_number"),
            Fieldset(_("Whom it is about"), "organisation", "signatories"),
            Fieldset(_("Its file"), "file", "notes"),
        ]
