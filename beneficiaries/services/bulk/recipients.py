# SPDX-License-Identifier: EUPL-1.2
"""Recipients with their enrolments, many at a time: what an import writes.

`plan_recipients` says of each row what it does, reading only; then `recipients_written.write_recipients` writes the same
rows. A row is one recipient in one activity; a recipient of several activities has as many rows. Where an activity follows
persons one by one, a row takes its recipient in charge too: an enrolment alone would be followed by nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from actions.enums import Sheet
from actions.models import Activity, Notice, Programme, TargetGroup
from actions.selectors.notices import Version, versions
from actions.services.bulk.works import find_activity, read_works
from actions.workflow import OPEN_STATES
from beneficiaries.enums import MissingTaxCode, NoticeReceiver, SupportKind
from beneficiaries.models import Beneficiary, Enrolment, Identity, SupportMember
from beneficiaries.permissions import may_ask_papers
from beneficiaries.selectors import may_be_in_both
from beneficiaries.selectors.sheets import is_adult
from beneficiaries.selectors.supports import kinds_of
from beneficiaries.services.enrolments import NewEnrolment, check_entry, notice_given
from beneficiaries.services.identities import (
    NewIdentity,
    checked_identity,
    typed_of,
)
from beneficiaries.services.recipients import check_local_code, check_person
from beneficiaries.services.registration import Names, check_adult, check_papers
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.enums import RowEffect
from fami_portal.core.errors import DomainError
from fami_portal.core.imports import Firsts, Line, sound, where_read
from partners.models import Organisation

PERSON = ("target_group", "sex", "birth_date", "citizenship")
NAMES = ("given_name", "family_name", "tax_code")


@dataclass
class Scene:
    """What is read once for all rows: the activities whose register the body keeps, and the notices that hold there."""

    programme: Programme
    body: Organisation
    activities: dict[str, list[Activity]]
    notices: list[Notice]
    today: date = date.max
    held: dict[int, list[Version]] = field(default_factory=dict)
    # Somebody who stands for whoever a row is about while the row is checked.
    anybody: Beneficiary = field(default_factory=Beneficiary)
    roles: dict[tuple[int, int], TargetGroup | None] = field(default_factory=dict)
    # The first row of each own code, of what it says of the person, and of each recipient in each activity.
    people: Firsts = field(default_factory=Firsts)
    said: Firsts = field(default_factory=Firsts)
    rows: Firsts = field(default_factory=Firsts)

    def versions(self, activity: Activity) -> list[Version]:
        """Return the versions of the notice that families of an activity may have received."""
        if activity.pk not in self.held:
            bodies = {activity.organisation_id, activity.venue_id, None}
            self.held[activity.pk] = versions([one for one in self.notices if one.organisation_id in bodies])
        return self.held[activity.pk]


@dataclass(slots=True, repr=False)
class Kept:
    """What the portal has of a row: the recipient, its identity with the words in it, its enrolment."""

    activity: Activity
    code: str
    person: Beneficiary | None = None
    typed: tuple[Identity, str, str, str] | None = None
    enrolment: Enrolment | None = None
    # Whether the file speaks of the recipient for the first time: that row alone corrects what is said of the person.
    first: bool = True
    names: Names | None = None
    renamed: bool = False
    corrected: bool = False
    levelled: bool = False
    # For what the person is to be followed, and whether a support for it is still to be opened.
    follow: str = ""
    opens: bool = False


def read_scene(*, programme: Programme, body: Organisation, today: date) -> Scene:
    """Return what the rows of a body in a programme are compared with. Two queries."""
    found = read_works(programme=programme, body=body).activities
    notices = list(Notice.objects.filter(programme=programme).select_related("organisation").order_by("pk"))
    return Scene(programme, body, found, notices, today, anybody=Beneficiary(programme=programme))


# --- what the rows do -------------------------------------------------------------------------------------------------


def plan_recipients(*, scene: Scene, lines: Sequence[Line]) -> None:
    """Say of each row what it does: refused with every reason, new, changed (from what to what), the same.

    `values` of a row are those of the columns of `beneficiaries.resources.RecipientResource`. Five queries.
    """
    for line in lines:
        _read(scene, line)
    found = [line for line in lines if line.kept is not None]
    _find_kept(scene, found)
    for line in found:
        _check(line, lambda: _check_kept(line))  # noqa: B023  run at once
    for line in sound(lines):
        _compare(line)


def _read(scene: Scene, line: Line) -> None:
    """Check a row for itself, each thing that was read."""
    values = line.values
    activity = where_read(find_activity, scene.activities, line)
    code = _check(line, lambda: check_local_code(values["local_code"]))
    if activity is not None:
        _check_activity(line, activity)
    _check(line, lambda: check_person(scene.programme, values["target_group"], values["birth_date"]))
    names = where_read(_names, scene, line, activity) if activity is not None else None
    follow = _followed_for(scene, line, activity) if activity is not None else ""
    if code:
        where_read(_check_same, scene, line, code)
    if activity is None:
        return
    if code:
        first = scene.people.first(code, line.number) == line.number
        line.kept = Kept(activity, code, first=first, names=names, follow=follow)
        earlier = scene.rows.first((code, activity.pk), line.number)
        if earlier != line.number:
            line.refuse("", _("This is in row %(row)s already: leave it once.") % {"row": earlier})
    if not line.read("enrolled_on"):
        return
    scene.anybody.birth_date = values.get("birth_date", date.min)
    entry = entry_of(line, scene.anybody)
    _check(line, lambda: check_entry(activity, entry))
    if line.read("notice_version", "notice_given_on"):
        _check(line, lambda: notice_given(activity, scene.versions(activity), entry))


def _check_same(scene: Scene, line: Line, code: str) -> None:
    """Refuse a row that says something else of a person than an earlier one."""
    values = line.values
    said = (*(getattr(values[name], "pk", values[name]) for name in PERSON), *(values[name] for name in NAMES))
    first = scene.people.first(code, line.number)
    if scene.said.first((code, said), line.number) != first:
        line.refuse(
            "local_code",
            _("Row %(row)s says something else of the same recipient: both must say the same.") % {"row": first},
        )


def _check(line: Line, check: Callable[[], Any]) -> Any:
    try:
        return where_read(check)
    except DomainError as error:
        line.refuse_as(error)
        return None


def _check_activity(line: Line, activity: Activity) -> None:
    if not activity.enrols:
        line.refuse("activity", _("This activity has no register of recipients."))
    elif activity.state not in OPEN_STATES:
        line.refuse("activity", _("This activity is over: nobody can be enrolled any more."))


def _followed_for(scene: Scene, line: Line, activity: Activity) -> str:
    """Return what a row takes its recipient in charge for; nothing where nobody is followed one by one."""
    if not line.read("support_kind"):
        return ""
    asked: str = line.values["support_kind"]
    if not activity.has_supports:
        if asked:
            line.refuse("support_kind", _("In this activity nobody is followed one by one: leave it empty."))
        return ""
    kinds = kinds_of(activity.activity_type)
    kind = asked or (kinds[0] if len(kinds) == 1 else "")
    if activity.organisation_id != scene.body.pk:
        line.refuse("activity", _("Only the body that carries out this activity takes persons in charge in it."))
    elif not kind:
        words = ", ".join(f"“{SupportKind(one).label}”" for one in kinds)
        line.refuse(
            "support_kind",
            _("In this activity persons are followed one by one: write for what, %(kinds)s.") % {"kinds": words},
        )
    elif kind not in kinds:
        line.refuse("support_kind", _("This activity does not give this kind of support: choose another."))
    elif kind == SupportKind.HOUSING:
        line.refuse(
            "activity",
            _("A home is sought for a household: take its persons in charge together, on the page of the activity."),
        )
    elif line.read("enrolled_on") and line.values["enrolled_on"] > scene.today:
        line.refuse("enrolled_on", _("This day is still to come."))
    return kind


def _names(scene: Scene, line: Line, activity: Activity) -> Names | None:
    """Return the name of a row, checked as a registration checks it; None where none is written."""
    values = line.values
    group = values["target_group"]
    papers = may_ask_papers([scene.body], activity, group)
    names = None
    if any(values[name] for name in NAMES):
        missing = values["tax_code_missing"] or ("" if papers or values["tax_code"] else MissingTaxCode.NOT_ASKED)
        names = Names(values["given_name"], values["family_name"], values["tax_code"], missing)
    try:
        check_papers(papers=papers, names=names, facts=None, permit=None)
        days = line.read("birth_date", "enrolled_on") and (values["birth_date"], values["enrolled_on"])
        if papers and group.sheet == Sheet.THIRD_COUNTRY and days and is_adult(*days):
            check_adult(names)
        if names is None:
            return None
        clean = checked_identity(
            NewIdentity(scene.anybody, names.given_name, names.family_name, names.tax_code, names.tax_code_missing)
        )
    except DomainError as error:
        line.refuse_as(error)
        return None
    return Names(clean.given_name, clean.family_name, clean.tax_code, clean.tax_code_missing)


def entry_of(line: Line, person: Beneficiary, *, fresh: bool = False) -> NewEnrolment:
    """Return the enrolment that a row asks for, as far as it was read; `enrolled_on` was."""
    values = line.values
    return NewEnrolment(
        beneficiary=person,
        enrolled_on=values["enrolled_on"],
        notice_version=values.get("notice_version", ""),
        notice_given_on=values.get("notice_given_on"),
        entry_level=values.get("entry_level", ""),
        fresh=fresh,
        notice_given_to=values.get("notice_given_to", NoticeReceiver.FAMILY),
        notice_language=values.get("notice_language"),
    )


def _find_kept(scene: Scene, lines: Sequence[Line]) -> None:
    """Read what the portal has of the rows. Five queries."""
    codes = {line.kept.code for line in lines}
    people = {
        person.local_code: person
        for person in Beneficiary.objects.filter(
            programme=scene.programme, registered_by=scene.body, local_code__in=codes
        )
        .select_related("target_group", "citizenship")
        .annotate(first=Min("enrolments__enrolled_on"))
        .order_by("pk")
    }
    if not people:
        _find_supports([line for line in lines if line.kept.follow])
        return
    ids = [person.pk for person in people.values()]
    typed = typed_of(
        identities=Identity.objects.filter(organisation=scene.body, beneficiary__in=ids, destroyed_at__isnull=True)
    )
    enrolments = {
        (one.activity_id, one.beneficiary_id): one
        for one in Enrolment.objects.filter(
            beneficiary__in=ids, activity__in={line.kept.activity.pk for line in lines}
        ).order_by("pk")
    }
    for line in lines:
        person = people.get(line.kept.code)
        if person is not None:
            line.kept.person = person
            line.kept.typed = typed.get(person.pk)
            line.kept.enrolment = enrolments.get((line.kept.activity.pk, person.pk))
    _find_supports([line for line in lines if line.kept.follow])


def _find_supports(lines: Sequence[Line]) -> None:
    """Say of which rows a support is still to be opened: whoever was followed for the same once is not followed anew."""
    ids = [line.kept.enrolment.pk for line in lines if line.kept.enrolment is not None]
    members = SupportMember.objects.filter(enrolment__in=ids).order_by("pk")
    known = set(members.values_list("enrolment", "support__kind")) if ids else set()
    for line in lines:
        enrolment = line.kept.enrolment
        line.kept.opens = enrolment is None or (enrolment.pk, line.kept.follow) not in known


def _check_kept(line: Line) -> None:
    """Check a row against what the portal has of its recipient."""
    kept: Kept = line.kept
    person, values = kept.person, line.values
    if person is None:
        return
    check_can_work_on(person, field="local_code")
    enrolment = kept.enrolment
    if enrolment is not None:
        _check(line, lambda: _check_enrolment(enrolment, line))
    first = getattr(person, "first", None)
    if first is not None and first < values.get("birth_date", first):
        line.refuse("birth_date", _("This person was enrolled before this birth date: check the year."))
    group = values["target_group"]
    if person.target_group_id != group.pk and not may_be_in_both(person.target_group, group):
        line.refuse(
            "target_group",
            _("This recipient is registered in the group “%(group)s”: nobody can be in both groups.")
            % {"group": person.target_group.title},
        )


def _compare(line: Line) -> None:
    kept: Kept = line.kept
    person, values = kept.person, line.values
    if person is None:
        line.effect = RowEffect.NEW
        return
    pairs: list[tuple[str, Any, Any]] = []
    if kept.first:
        pairs = [(name, getattr(person, name), values[name]) for name in PERSON]
        kept.corrected = any(before != after for _name, before, after in pairs)
    if kept.first and kept.names is not None:
        known = kept.typed[1:] if kept.typed else ("", "", "")
        named = list(zip(NAMES, known, (getattr(kept.names, name) for name in NAMES), strict=True))
        kept.renamed = any(before != after for _name, before, after in named)
        pairs += named
    if kept.enrolment is not None and values["entry_level"]:
        kept.levelled = kept.enrolment.entry_level != values["entry_level"]
        pairs.append(("entry_level", kept.enrolment.entry_level, values["entry_level"]))
    if kept.opens:
        pairs.append(("support_kind", "", kept.follow))
    line.compare(pairs)
    if kept.enrolment is None:
        line.effect = RowEffect.NEW


def _check_enrolment(enrolment: Enrolment, line: Line) -> None:
    values = line.values
    if enrolment.withdrawn_on is not None:
        raise DomainError(
            _("This recipient was enrolled and withdrew on %(day)s: cancel the withdrawal on its page.")
            % {"day": f"{enrolment.withdrawn_on:%d/%m/%Y}"},
            field="activity",
        )
    for name, kept in (
        ("enrolled_on", enrolment.enrolled_on),
        ("notice_version", enrolment.notice_version),
        ("notice_given_on", enrolment.notice_given_on),
    ):
        if kept != values[name]:
            raise DomainError(
                _("This recipient is enrolled already, with another value here: it is corrected on its page."),
                field=name,
            )
