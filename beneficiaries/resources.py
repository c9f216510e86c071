# SPDX-License-Identifier: EUPL-1.2
"""What recipients and registers look like in a file: columns and their reading; the bulk services write."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import Permission
from actions.models import TargetGroup
from actions.selectors.import_places import work_places
from actions.services.bulk.works import read_works
from beneficiaries.enums import AttendanceState, LanguageLevel, MissingTaxCode, NoticeReceiver, Sex, SupportKind
from beneficiaries.selectors import countries, groups_of_persons
from beneficiaries.services.bulk import attendance, recipients, recipients_written
from beneficiaries.services.bulk.openings import record_import_opening
from fami_portal.core.imports import (
    Choice,
    Code,
    Column,
    Day,
    Hour,
    ImportResource,
    Line,
    Listed,
    Text,
    Whole,
    YesNo,
    register_import,
)
from partners.models import Country, Language
from partners.permissions import holds


def _countries() -> list[tuple[Country, tuple[object, ...]]]:
    return [(one, (one.name, one.official_label, one.code)) for one in countries()]


def _languages() -> list[tuple[Language, tuple[object, ...]]]:
    return [(one, (one.name, one.code)) for one in Language.objects.order_by("name", "pk")]


class RecipientResource(ImportResource):
    """Recipients with their enrolments: one row for each recipient in one activity."""

    local_code = Column(
        _("Own code"),
        Text(30),
        required=True,
        help=_("The code by which your body knows the recipient, as 3B-07. Never a name, a tax code or a telephone."),
    )
    given_name = Column(_("Given name"), Text(100), sensitive=True, help=_("If you write it. Only your body reads it."))
    family_name = Column(_("Surname"), Text(100), sensitive=True, help=_("If you write it. Only your body reads it."))
    tax_code = Column(
        _("Tax code"),
        Code(25, digits=11),
        sensitive=True,
        help=_("16 letters and digits, or the provisional one of 11 digits. Schools and labs leave it empty."),
    )
    tax_code_missing = Column(_("If there is no tax code, why"), Choice(MissingTaxCode), sensitive=True)
    sex = Column(_("Gender"), Choice(Sex), required=True, sensitive=True)
    birth_date = Column(_("Birth date"), Day(), required=True, sensitive=True)
    citizenship = Column(_("Citizenship"), Listed(_countries), required=True, sensitive=True)
    target_group = Column(_("Target group"), required=True, sensitive=True)
    declared = Column(
        _("Conditions declared"),
        YesNo(),
        sensitive=True,
        help=_("Yes, if the family has declared the conditions of the group. Counts for new recipients only."),
    )
    activity = Column(
        _("Activity"), Text(200), required=True, help=_("The title of the activity, as the portal shows it.")
    )
    activity_start = Column(
        _("Start of the activity"), Day(), help=_("Only where two activities have the same title: the first day.")
    )
    enrolled_on = Column(_("Enrolled on"), Day(), required=True)
    notice_version = Column(_("Version of the privacy notice"), Text(20))
    notice_given_on = Column(_("Notice given on"), Day())
    notice_given_to = Column(_("Given to"), Choice(NoticeReceiver, nothing=NoticeReceiver.FAMILY))
    notice_language = Column(_("In which language"), Listed(_languages), help=_("The language of the notice."))
    entry_level = Column(_("Level of Italian at entry"), Choice(LanguageLevel))
    support_kind = Column(
        _("Followed for"),
        Choice(SupportKind),
        sensitive=True,
        help=_(
            "Only where persons are followed one by one, and only where the activity follows them for several reasons. "
            "Each is taken in charge on the day of the enrolment."
        ),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["target_group"].widget = Listed(self._groups)

    def _groups(self) -> list[tuple[TargetGroup, tuple[object, ...]]]:
        if self.place is None:
            return []
        return [(one, (one.title, one.code)) for one in groups_of_persons(self.place.about["programme"].pk)]

    def prepare(self) -> None:
        """Read the activities of the body."""
        about = self.place.about if self.place else {}
        today = timezone.localdate(self.at)
        self.scene = recipients.read_scene(programme=about["programme"], body=about["organisation"], today=today)

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare the rows with what the body has registered."""
        recipients.plan_recipients(scene=self.scene, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Register, enrol, seal, and count once."""
        recipients_written.write_recipients(scene=self.scene, lines=lines, by=self.user, at=self.at)


class AttendanceResource(ImportResource):
    """Who was at which meeting: one row for each recipient at each meeting."""

    activity = Column(
        _("Activity"), Text(200), required=True, help=_("The title of the activity, as the portal shows it.")
    )
    activity_start = Column(
        _("Start of the activity"), Day(), help=_("Only where two activities have the same title: the first day.")
    )
    held_on = Column(_("Day"), Day(), required=True)
    starts_at = Column(
        pgettext_lazy("hour", "From"), Hour(), help=_("Only where there are several meetings on this day.")
    )
    code = Column(
        _("Own code or pseudonym"),
        Text(30),
        required=True,
        sensitive=True,
        help=_("Your own code, or the pseudonym that the other body gave you, as K7Q4-M2X."),
    )
    state = Column(_("Presence"), Choice(AttendanceState), required=True)
    minutes = Column(_("Minutes"), Whole(0, 1440), help=_("Empty: as long as the meeting."))

    def prepare(self) -> None:
        """Read the activities of the body."""
        about = self.place.about if self.place else {}
        self.works = read_works(programme=about["programme"], body=about["organisation"])

    def title_of(self, values: dict[str, Any]) -> str:
        """Return the activity and the day."""
        return f"{values['activity']}, {values['held_on']:%d/%m/%Y}"

    def plan(self, lines: Sequence[Line]) -> None:
        """Compare with the registers."""
        attendance.plan_attendance(works=self.works, lines=lines)

    def write(self, lines: Sequence[Line]) -> None:
        """Write the cells."""
        attendance.write_attendance(lines=lines, by=self.user)


def register_imports() -> None:
    """Make the kinds of this app known; called when it is ready."""
    register_import(
        "recipients",
        label=_("Recipients with their enrolments"),
        help=_("One row for each recipient in one activity whose register your body keeps."),
        resource=RecipientResource,
        may_import=lambda user: holds(user, Permission.REGISTER_BENEFICIARIES),
        places=lambda user: work_places(user, Permission.REGISTER_BENEFICIARIES),
        identity=True,
        record_opening=record_import_opening,
        list_url="beneficiaries:beneficiary-list",
        order=60,
    )
    register_import(
        "attendance",
        label=_("Attendance"),
        help=_("One row for each recipient at each meeting of the registers that your body keeps."),
        resource=AttendanceResource,
        may_import=lambda user: holds(user, Permission.KEEP_REGISTERS),
        places=lambda user: work_places(user, Permission.KEEP_REGISTERS),
        identity=True,
        record_opening=record_import_opening,
        list_url="actions:activity-list",
        order=70,
    )
