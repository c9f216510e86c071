# SPDX-License-Identifier: EUPL-1.2
"""Paths advised and chosen are figures of a school year that is over, with the small ones protected."""

from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from actions.enums import Support as Given
from beneficiaries.enums import SupportKind
from beneficiaries.models import Support, SupportMember
from fami_portal.core.services import acting
from reporting.selectors.school_paths import TABLES, school_paths
from tests.actions.scene import build
from tests.beneficiaries.class_of import class_of
from tests.beneficiaries.followed import followed_by
from tests.days import be_on

pytestmark = pytest.mark.django_db


def test_no_figure_of_one_to_four_is_told(
    client: Client, settings: LazySettings, django_assert_max_num_queries: Any
) -> None:
    scene = build()
    activity = followed_by(scene, supports=[Given.SCHOOL_INCLUSION])
    with acting(None):
        activity.activity_type.refresh_from_db()
    enrolments = class_of(scene, activity, 16)
    answers = (
        [("technical", "technical")] * 6 + [("technical", "liceo")] * 2 + [("liceo", "liceo")] * 6 + [("", "other")] * 2
    )
    with acting(None):
        supports = Support.objects.bulk_create(
            Support(
                activity=activity,
                kind=SupportKind.SCHOOL_PATH,
                opened_on=date(2019, 1, 15),
                path_advised=advised,
                path_chosen=chosen,
            )
            for advised, chosen in answers
        )
        SupportMember.objects.bulk_create(
            SupportMember(support=support, enrolment=enrolment, since=support.opened_on)
            for support, enrolment in zip(supports, enrolments, strict=True)
        )
    going_on = school_paths(scene.programme, year=None, today=date(2019, 8, 31))
    assert (going_on.total, going_on.tables) == (0, {})
    with django_assert_max_num_queries(1):
        found = school_paths(scene.programme, year=None, today=date(2019, 9, 1))
    assert (found.year, found.years, found.total) == (2018, [2018], 16)
    assert set(found.tables) == set(TABLES)
    told = [value for table in found.tables.values() for value in table.values()]
    assert None in told
    assert not any(value is not None and 0 < value < 5 for value in told)
    assert all(total >= 5 for totals in found.totals for total in totals.values())

    be_on(settings, date(2019, 9, 2))
    address = reverse("reporting:school-paths", args=[scene.programme.slug])
    for user in (scene.region, scene.coordinator):
        client.force_login(user)
        page = client.get(address).content.decode()
        assert "Istituto tecnico" in page
        assert not any(one.beneficiary.local_code in page for one in enrolments)
        assert address in client.get(activity.get_absolute_url()).content.decode()
    client.force_login(scene.operator)
    assert client.get(address).status_code == 403
    client.force_login(scene.outsider)
    assert client.get(address).status_code == 404
