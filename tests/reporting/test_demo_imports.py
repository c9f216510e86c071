# SPDX-License-Identifier: EUPL-1.2
"""The imports of the demonstration: one written, one that waits."""

import pytest

from fami_portal.core.models import ImportRun
from fami_portal.core.services import acting
from partners.models import Organisation
from reporting.demo import imports, world
from tests.actions.scene import build


@pytest.mark.django_db
def test_the_region_has_imported_addresses_and_has_associations_to_confirm() -> None:
    scene = build()
    with acting(None):
        type(scene.region).objects.filter(pk=scene.region.pk).update(email=f"regione{world.DOMAIN}")
        Organisation.objects.filter(pk=scene.cooperative.pk).update(fiscal_code="02000060018", informal_reason="")
    bodies = Organisation.objects.count()

    imports.imported_bodies()

    assert sorted(ImportRun.objects.values_list("state", "new", "changed")) == [("done", 0, 1), ("ready", 3, 0)]
    assert Organisation.objects.count() == bodies
