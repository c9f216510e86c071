# SPDX-License-Identifier: EUPL-1.2
"""Both halves of a double click at once: one act, one opening; without the lock of the activity the second one fails."""

import threading
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from actions.models import Activity
from beneficiaries.models import BreakGlass, ReadEntry, SharingAct
from beneficiaries.services import sharing
from beneficiaries.services.break_glass import open_exceptionally
from fami_portal.core.models import Message
from tests.actions.scene import build
from tests.beneficiaries.shared import AT, lab_with_names, share
from tests.mediation.test_hours_races import _together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_click_is_one_act_and_one_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build()
    scene.user("data_protection_officer", scene.lead)
    lab = lab_with_names(scene)
    by, region, key = scene.contact, scene.region, uuid4()

    def opened() -> None:
        details = "Il tribunale chiede di lei"
        open_exceptionally(beneficiary=lab.amina, reason="safety", details=details, key=key, by=region, at=AT)

    def shared() -> None:
        share(lab, by=by)

    assert _together(shared, shared, opened, opened) == [None] * 4
    act = SharingAct.objects.get()
    assert BreakGlass.objects.count() == 1
    assert ReadEntry.objects.count() == 2
    assert Message.objects.filter(kind="beneficiaries.break_glass").count() == 1

    # The negative control: both find no act, as nobody waits for the activity.
    sharing.revoke_sharing(act=act, version=1, reason="Di nuovo", by=by, at=AT)
    both_have_looked = threading.Barrier(2)

    def unlocked(pk: int) -> Activity:
        return Activity.objects.get(pk=pk)

    def waits(*_args: Any) -> None:
        both_have_looked.wait(timeout=20)

    monkeypatch.setattr(sharing, "lock_activity", unlocked)
    monkeypatch.setattr(sharing, "_check_terms", waits)
    ends = _together(partial(share, lab, by=by), partial(share, lab, by=by))
    assert sum(isinstance(end, IntegrityError) for end in ends) == 1
