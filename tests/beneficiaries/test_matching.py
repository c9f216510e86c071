# SPDX-License-Identifier: EUPL-1.2
"""Counted once: who is linked silently, who is queued, and what is decided of a pair."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Activity
from beneficiaries.enums import PairState, Similarity
from beneficiaries.models import Beneficiary, Fingerprint, Merge, Pair
from beneficiaries.services import matching
from beneficiaries.services.grouping import regroup
from beneficiaries.services.matching import Typed, count_once
from beneficiaries.services.merging import keep_apart, merge, undo_merge
from beneficiaries.services.registration import Names, Registered, correct_recipient, register_and_enrol
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, RowHistory
from fami_portal.core.services import acting
from partners.permissions import memberships_of
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import FIRST, enrolled
from tests.beneficiaries.people import (
    AT,
    BORN,
    CODE,
    OMOCODE,
    OTHER_CODE,
    compared_later,
    known,
    name,
    recipient,
    undecided,
)

pytestmark = pytest.mark.django_db


def _pair(scene: Scene) -> tuple[Beneficiary, Beneficiary, Pair]:
    first, second = known(scene, "Yasmine", "Çelik"), known(scene, "CELIK", "yasmine", body=scene.school)
    return first, second, undecided()


def _root(one: Beneficiary) -> int | None:
    return Beneficiary.objects.values_list("merged_into", flat=True).get(pk=one.pk)


def test_the_same_tax_code_links_silently_even_with_omocodia(scene: Scene) -> None:
    first, second = known(scene, "Mara", "Rossi", CODE), recipient(scene, scene.school)

    assert name(second, "Maria", "Russo", OMOCODE)

    made = Merge.objects.get()
    assert (made.survivor, made.merged, made.automatic) == (first, second, True)
    assert _root(second) == first.pk
    pair = Pair.objects.get()
    assert (pair.state, pair.decided_by, made.pair) == (PairState.MERGED, None, pair)
    assert "tax_code" in pair.kinds
    assert AuditEvent.objects.filter(verb="already_present", target_id=str(second.pk), data={}).count() == 1


def test_a_provisional_code_links_and_another_programme_does_not(scene: Scene) -> None:
    first = known(scene, "Mara", "Rossi", "00743110157")
    second = known(scene, "Altro", "Nome", "00743110157", body=scene.school)
    assert _root(second) == first.pk

    from tests.factories.actions import ProgrammeFactory, TargetGroupFactory

    other = ProgrammeFactory()
    far = recipient(scene, programme=other, target_group=TargetGroupFactory(programme=other))
    far.refresh_from_db()
    assert not name(far, "Mara", "Rossi", "00743110157")


def test_swapped_names_and_diacritics_are_queued_with_what_agrees(scene: Scene) -> None:
    first, second, pair = _pair(scene)

    assert (pair.first, pair.second, pair.state, pair.similarity) == (first, second, PairState.OPEN, Similarity.HIGH)
    assert pair.kinds == ["name_and_birth", "name_and_year", "phonetic"]
    assert _root(second) is None


def test_a_corrected_birth_date_is_compared_anew(scene: Scene) -> None:
    known(scene, "Yasmine", "Çelik", body=scene.school)
    wrong = known(scene, "Yasmine", "Çelik", birth_date=date(1999, 1, 2))
    assert not Pair.objects.filter(similarity=Similarity.HIGH).exists()

    correct_recipient(
        beneficiary=wrong,
        version=wrong.version,
        target_group=wrong.target_group,
        local_code=wrong.local_code,
        sex=wrong.sex,
        birth_date=BORN,
        citizenship=wrong.citizenship,
        by=scene.operator,
        at=AT,
    )

    assert "name_and_birth" in Pair.objects.get().kinds


def test_twins_are_two_persons(scene: Scene) -> None:
    known(scene, "Yasmine", "Çelik")
    known(scene, "Leonora", "Çelik")
    assert not Pair.objects.exists()
    assert not Merge.objects.exists()


@pytest.mark.parametrize(
    ("born", "names", "codes", "band"),
    [
        (date(2009, 1, 1), ("Yasmine", "Çelik"), ("", ""), Similarity.MEDIUM),
        (date(2009, 5, 17), ("Mohamed", "Ali"), ("", ""), Similarity.MEDIUM),
        (date(2009, 5, 17), ("Yasmine", "Çelik"), (CODE, OTHER_CODE), Similarity.MEDIUM),
        (date(2009, 5, 17), ("Yasmine", "Çelik"), (CODE, "00743110157"), Similarity.HIGH),
    ],
)
def test_what_weighs_less(scene: Scene, born: date, names: Any, codes: Any, band: str) -> None:
    for code, body in zip(codes, (scene.cooperative, scene.school), strict=True):
        known(scene, *names, code, body=body, birth_date=born)
    assert Pair.objects.get().similarity == band


def test_a_code_added_later_links_and_closes_the_pair(scene: Scene) -> None:
    first, second, pair = _pair(scene)
    name(first, "Yasmine", "Çelik", CODE, renewed=True)
    assert name(second, "Yasmine", "Celik", CODE, renewed=True)
    pair.refresh_from_db()
    assert (pair.state, _root(second)) == (PairState.MERGED, first.pk)
    assert Fingerprint.objects.filter(beneficiary=second).count() == 4


def test_a_third_record_of_a_joined_person_is_compared_with_the_one_that_remains(scene: Scene) -> None:
    first = known(scene, "Yasmine", "Çelik", CODE)
    known(scene, "Yasmine", "Çelik", CODE, body=scene.school)
    third = known(scene, "Çelik", "Yasmine", body=scene.stranger)
    assert [(pair.first, pair.second) for pair in Pair.objects.filter(state="asked")] == [(first, third)]


def test_a_batch_is_compared_with_itself_in_as_many_queries(scene: Scene) -> None:
    from beneficiaries.services.identities import NewIdentity, write_identities

    def register(number: int, start: int) -> int:
        people = [recipient(scene) for _ in range(number)]
        words = [("Nome" + chr(97 + place % 5) * 3, f"Cognome{chr(97 + start)}") for place in range(number)]
        with acting(None):
            identities = write_identities(
                entries=[
                    NewIdentity(one, *both, tax_code_missing="not_asked")
                    for one, both in zip(people, words, strict=True)
                ],
                organisation=scene.cooperative,
                by=None,
            )
            typed = [Typed(identity, *both) for identity, both in zip(identities, words, strict=True)]
            with CaptureQueriesContext(
                connection,
            ) as queries:
                count_once(people=typed, by=None, at=AT)
        return len(queries)

    register(6, 8)  # the first one makes the head of the ledger
    assert register(6, 0) == register(20, 5)
    assert Pair.objects.filter(similarity="high").exists()


def test_both_checks_cost_few_queries(scene: Scene) -> None:
    known(scene, "Mara", "Rossi", CODE)
    with acting(None):
        from beneficiaries.services.identities import write_identity

        def cost(given_name: str, code: str) -> int:
            one = recipient(scene, scene.school)
            identity = write_identity(
                beneficiary=one,
                organisation=scene.school,
                given_name=given_name,
                family_name="Rossi",
                tax_code=code,
                by=None,
            )
            with CaptureQueriesContext(connection) as queries:
                count_once(people=[Typed(identity, given_name, "Rossi", code)], by=None, at=AT)
            return len(queries)

        assert cost("Teresa", OTHER_CODE) == 2
        assert cost("Mara", CODE) <= 12


def test_a_pair_is_merged_and_undone(scene: Scene) -> None:
    first, second, pair = _pair(scene)

    made = merge(pair=pair, version=1, reason="Stessa classe", by=scene.region, at=AT)

    assert (_root(second), pair.state, pair.decided_by) == (first.pk, PairState.MERGED, scene.region)
    assert (made.automatic, made.pair, made.by) == (False, pair, scene.region)
    with pytest.raises(TransitionNotAllowed):
        merge(pair=pair, version=2, reason="Ancora", by=scene.region, at=AT)
    with pytest.raises(TransitionNotAllowed):
        keep_apart(pair=pair, version=2, reason="Ancora", by=scene.region, at=AT)

    undo_merge(made=made, reason="Sono cugine", by=scene.region, at=AT)

    pair.refresh_from_db()
    assert (_root(second), pair.state, made.undo_reason) == (None, PairState.APART, "Sono cugine")
    with pytest.raises(TransitionNotAllowed):
        undo_merge(made=made, reason="Ancora", by=scene.region, at=AT)
    merge(pair=pair, version=pair.version, reason="Avevano ragione", by=scene.region, at=AT)
    assert _root(second) == first.pk
    assert "cugine" not in str(list(RowHistory.objects.values_list("changes", flat=True).order_by("pk")))


def test_an_undone_link_is_not_made_again(scene: Scene) -> None:
    known(scene, "Mara", "Rossi", CODE)
    second = known(scene, "Mara", "Rossi", CODE, body=scene.school)

    undo_merge(made=Merge.objects.get(), reason="Codice di un’altra persona", by=scene.region, at=AT)

    assert not name(second, "Mara", "Rossi", CODE, renewed=True)
    assert _root(second) is None
    assert Pair.objects.get().state == PairState.APART


def test_those_kept_apart_are_not_proposed_again(scene: Scene) -> None:
    _first, second, pair = _pair(scene)
    keep_apart(pair=pair, version=1, reason="Gemelle di nome", by=scene.region, at=AT)
    name(second, "Yasmine", "Celik", renewed=True)
    assert [row.state for row in Pair.objects.order_by("pk")] == [PairState.APART]


def test_a_decision_needs_a_reason_the_right_and_the_page_as_it_is(scene: Scene) -> None:
    _first, _second, pair = _pair(scene)
    with pytest.raises(DomainError) as refusal:
        merge(pair=pair, version=1, reason=" ", by=scene.region, at=AT)
    assert refusal.value.field == "reason"
    with pytest.raises(StaleError):
        merge(pair=pair, version=7, reason="Sì", by=scene.region, at=AT)
    for person in (scene.operator, scene.coordinator):
        with pytest.raises(NotPermitted):
            keep_apart(pair=pair, version=1, reason="Sì", by=person, at=AT)
    assert not Merge.objects.exists()


def test_merges_in_a_circle_are_refused(scene: Scene) -> None:
    people = [known(scene, f"Nome{letter}", "Cognome") for letter in "abc"]
    with acting(None):
        pairs = [
            Pair.objects.create(
                programme=scene.programme, first=people[a], second=people[b], similarity="low", found_at=AT
            )
            for a, b in ((0, 1), (1, 2), (0, 2))
        ]
    for pair in pairs[:2]:
        merge(pair=pair, version=1, reason="Sì", by=scene.region, at=AT)
    with pytest.raises(TransitionNotAllowed):
        merge(pair=pairs[2], version=1, reason="Sì", by=scene.region, at=AT)
    assert [_root(one) for one in people] == [None, people[0].pk, people[0].pk]


def test_a_linked_record_stays_its_body_s_own_and_is_enrolled(scene: Scene, client: Client) -> None:
    from beneficiaries.selectors import beneficiaries_for, find_beneficiary
    from beneficiaries.selectors.recipients import counted

    first = known(scene, "Mara", "Rossi", CODE, body=scene.school)
    second = known(scene, "Mara", "Rossi", CODE)

    assert list(beneficiaries_for(scene.operator)) == [second]
    assert list(beneficiaries_for(scene.contact)) == [first]
    assert list(beneficiaries_for(scene.region)) == [first]
    # Two records of one person; who may see one of them alone has one of each.
    known(scene, "Teresa", "Verdi", body=scene.school)
    for user, figure in ((scene.region, (3, 2)), (scene.contact, (2, 2)), (scene.operator, (1, 1))):
        found = counted(Beneficiary.objects.visible_to(user))
        assert (found.records, found.persons) == figure
    client.force_login(scene.region)
    listed = client.get(reverse("beneficiaries:beneficiary-list"), {"text": second.pseudonym})
    assert dict(listed.context["facts"]) == {"Persone (unico)": 1, "Registrazioni (lordo)": 1}
    code = {"programme_id": scene.programme.pk, "code": second.local_code, "bodies": [scene.cooperative]}
    found = find_beneficiary(**code)
    assert found == second
    assert enrolled(scene, scene.activity(), second).beneficiary == second


def _registered(scene: Scene, names: Names) -> Registered:
    """Register a recipient with a name in at most twelve queries, not counting the marks of transactions."""
    activity = Activity.objects.select_related("programme", "activity_type").get(pk=scene.activity("support").pk)
    by = scene.operator
    memberships_of(by)  # read once per request
    with CaptureQueriesContext(connection) as queries:
        made = register_and_enrol(
            activity=activity,
            registered_by=scene.cooperative,
            target_group=scene.pupils,
            local_code="3B-77",
            sex="female",
            birth_date=BORN,
            citizenship=scene.morocco,
            eligibility="declared",
            enrolled_on=FIRST,
            notice_version="1",
            notice_given_on=date(2019, 1, 10),
            names=names,
            by=by,
            at=AT,
        )
    asked = [row["sql"] for row in queries if not row["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    assert len(asked) <= 12, "\n".join(sql[:100] for sql in asked)
    return made


@pytest.mark.parametrize(
    ("names", "linked", "alike"),
    [
        (("Teresa", "Verdi", OTHER_CODE), False, 0),
        (("Mara", "Rossi", CODE), True, 0),
        (("Mara", "Rossi", CODE), True, 2),
        (("Mara", "Rossi", "", "not_shown"), False, 1),
        (("Mara", "Rossi", "", "not_shown"), False, 2),
    ],
)
def test_registering_with_both_checks_costs_twelve_queries(scene: Scene, names: Any, linked: bool, alike: int) -> None:
    """Record, declaration, enrolment, name, fingerprints, both checks, link and history."""
    first = known(scene, "Mara", "Rossi", CODE, body=scene.school)
    if alike > 1:  # one that was joined to it, and one of the own body that counts with it
        known(scene, "Mara", "Rossi", CODE, body=scene.stranger)
        known(scene, "Mara", "Russo")
    made = _registered(scene, Names(*names))
    assert made.already_present is linked
    one = made.enrolment.beneficiary
    assert _root(one) == (first.pk if linked else None)
    verbs = {"beneficiary_registered"} | ({"already_present"} if linked else set())
    assert set(AuditEvent.objects.filter(target_id=str(one.pk)).values_list("verb", flat=True)) >= verbs
    pairs = Pair.objects.filter(second=one, state__in=["open", "asked"]).order_by("pk")
    assert [(pair.first_id == first.pk, pair.state, pair.similarity) for pair in pairs] == [
        (True, PairState.ASKED, Similarity.HIGH), (False, PairState.OPEN, Similarity.MEDIUM)
    ][:0 if linked else alike]  # fmt: skip
    one.refresh_from_db()
    assert one.counted_as_id == (first.pk if alike and not linked else None)
    with acting(None):
        assert regroup(ids=[one.pk]) == []
    if linked:
        undo_merge(made=Merge.objects.get(merged=one), reason="Un altro codice", by=scene.region, at=AT)
        assert (_root(one), Pair.objects.get(second=one, first=first).state) == (None, PairState.APART)


@pytest.mark.parametrize("linked", [True, False])
def test_a_new_record_that_connects_two_persons_costs_as_much(scene: Scene, linked: bool) -> None:
    """It is registered as any other; that the two may be one, which can move figures, is said right after the commit."""
    other = known(scene, "Teresa", "Verdi", CODE, body=scene.school)
    alike = known(scene, "Mara", "Rossi")
    if not linked:  # like both, who were kept apart
        with acting(None):
            Pair.objects.create(
                programme=scene.programme, first=other, second=alike, similarity="low", state="apart", found_at=AT
            )
        name(other, "Mara", "Rossi", CODE, renewed=True)

    made = _registered(scene, Names("Mara", "Rossi", *((CODE,) if linked else ("", "not_shown"))))

    one = made.enrolment.beneficiary
    assert made.already_present is linked
    assert _root(one) == (other.pk if linked else None)
    assert not Pair.objects.filter(state__in=["open", "asked"]).exists()
    assert compared_later() == 1
    found = Pair.objects.filter(state__in=["open", "asked"]).order_by("pk").values_list("first", "second")
    assert set(found) == ({(other.pk, alike.pk)} if linked else {(other.pk, one.pk), (alike.pk, one.pk)})
    for row in (one, alike):
        row.refresh_from_db()
    assert (alike.counted_as if linked else one.counted_as) == other
    with acting(None):
        assert regroup(ids=[one.pk, alike.pk]) == []


def test_what_was_left_for_later_of_a_name_destroyed_meanwhile_is_nothing(scene: Scene) -> None:
    known(scene, "Teresa", "Verdi", CODE, body=scene.school)
    known(scene, "Mara", "Rossi")
    one = _registered(scene, Names("Mara", "Rossi", CODE)).enrolment.beneficiary
    with acting(None):
        Fingerprint.objects.filter(beneficiary=one).delete()

    assert compared_later() == 1
    assert not Pair.objects.filter(state__in=["open", "asked"]).exists()


def test_a_new_record_with_a_known_code_is_queued_with_whom_else_it_is_like(scene: Scene) -> None:
    """The pair is about the two persons; where there is one already, none is added."""
    first, other = known(scene, "Mara", "Rossi", CODE), known(scene, "Teresa", "Verdi", OTHER_CODE)

    def register(*names: str, fresh: bool = True) -> Beneficiary:
        one = recipient(scene, scene.school)
        assert name(one, *names, fresh=fresh)
        compared_later()
        return one

    assert _root(register("Mara", "Rossi", OTHER_CODE)) == other.pk
    assert _root(register("Teresa", "Verdi", CODE)) == first.pk
    pair = Pair.objects.get(state__in=["open", "asked"])
    assert (pair.first, pair.second) == (first, other)
    # Like a record that is part of the other one, whose own name is another.
    for fresh in (True, False):
        assert _root(register("Mara", "Rossi", CODE, fresh=fresh)) == first.pk
    other.refresh_from_db()
    assert other.counted_as == first
    assert Pair.objects.filter(state__in=["open", "asked"]).get() == pair


def test_what_changed_since_the_comparison_is_decided_the_long_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, pair = _pair(scene)
    keep_apart(pair=pair, version=pair.version, reason="Cugine", by=scene.region, at=AT)
    monkeypatch.setattr(matching, "connects", lambda found: False)  # as it was before the decision
    third = recipient(scene, scene.stranger)

    name(third, "Yasmine", "Celik", fresh=True)
    assert compared_later() == 1

    third.refresh_from_db()
    assert third.counted_as in (first, second)
    assert Pair.objects.filter(second=third).count() == 2
    with acting(None):
        assert regroup(ids=[third.pk]) == []
