# SPDX-License-Identifier: EUPL-1.2
"""A newer version of the notice is in force: who is to be informed again, and who has been."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.models import Enrolment, NoticeRenewal
from beneficiaries.selectors.notices import to_inform_again
from fami_portal.core.services import acting
from partners.models import Language
from tests.actions.scene import Scene, publish
from tests.beneficiaries.class_of import class_of
from tests.days import be_on

JULY = date(2019, 7, 1)


@pytest.fixture(autouse=True)
def _in_july(settings: Any) -> None:
    be_on(settings, JULY)


def test_a_new_version_lists_whom_to_inform_and_the_list_empties(scene: Scene, client: Client) -> None:
    lab = scene.activity()
    one, two, gone = class_of(scene, lab, 3)
    old = scene.activity(ends_on=date(2019, 6, 1))
    class_of_old = Enrolment.objects.filter(activity=old)
    with acting(None):
        Enrolment.objects.filter(pk=gone.pk).update(withdrawn_on=date(2019, 5, 1))
        # As it was before versions were published: what was typed stays, and is told apart from what is in force.
        Enrolment.objects.filter(pk=two.pk).update(notice=None, notice_version="2018-bis")
    assert [row.pk for row in to_inform_again(scene.operator, JULY)] == [two.pk]
    publish(scene.programme, "2", date(2019, 6, 1))
    assert {row.pk for row in to_inform_again(scene.operator, JULY)} == {one.pk, two.pk}
    assert not class_of_old.exists()
    assert {row.pk for row in to_inform_again(scene.operator, date(2019, 5, 31))} == {two.pk}

    client.force_login(scene.operator)
    address = reverse("beneficiaries:notice-renewals")
    text = client.get(address).content.decode()
    assert one.beneficiary.local_code in text
    assert "2018-bis" in text
    data = {"given_on": "2019-06-20", "given_to": "family", "language": Language.objects.get(code="it").pk}
    refused = client.post(address, data)
    assert "Scegli almeno un destinatario." in refused.content.decode()
    refused = client.post(address, data | {"enrolments": [one.pk], "given_on": "2019-07-02"})
    assert "checked" in refused.content.decode()
    assert not NoticeRenewal.objects.exists()
    for _click in range(2):
        done = client.post(address, data | {"enrolments": [one.pk, two.pk]})
        assert done.status_code == 302
    assert NoticeRenewal.objects.count() == 2
    assert "Nessuno da informare di nuovo" in client.get(address).content.decode()
    client.force_login(scene.coordinator)
    assert client.get(address).status_code == 200
    assert client.post(address, data | {"enrolments": [one.pk]}).status_code == 403
    client.force_login(scene.outsider)
    publish(scene.programme, "3", date(2019, 6, 30))
    assert client.post(address, data | {"enrolments": [one.pk]}).status_code == 403
    assert NoticeRenewal.objects.count() == 2
