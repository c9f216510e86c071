# SPDX-License-Identifier: EUPL-1.2
"""The school or cooperative that wrote a name sees its initials, says why it opens it, and reads it once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from beneficiaries.enums import ReadKind
from beneficiaries.models import ReadEntry
from tests.actions.scene import build
from tests.beneficiaries.class_of import pupil
from tests.beneficiaries.test_vault_identities import named
from tests.e2e.conftest import Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_name_is_opened_by_a_reason(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    one = pupil(scene)
    named(scene, one, tax_code="RSSMRA80A01H501U", tax_code_missing="")
    page = live.page(scene.operator, path=one.get_absolute_url())
    page.set_default_timeout(4000)
    expect(page.get_by_text("A••• Q.")).to_be_visible()
    axe(page)

    page.get_by_role("link", name="Apri il nome").click()
    page.get_by_label("Altro motivo").check(force=True)
    page.get_by_role("button", name="Apri il nome").click()
    expect(page.get_by_role("link", name="Dettagli")).to_be_visible()
    axe(page)
    page.get_by_label("Per contattare la persona o la famiglia").check(force=True)
    page.get_by_label("Dettagli").fill("cambio di orario")
    page.get_by_role("button", name="Apri il nome").click()

    expect(page.get_by_text("Qasimov")).to_be_visible()
    expect(page.get_by_text("RSSMRA80A01H501U")).to_be_visible()
    assert "Amina" not in page.title() + page.url
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    assert ReadEntry.objects.get(kind=ReadKind.OPENING).purpose.endswith(": cambio di orario")
    page.get_by_role("link", name="Torna al destinatario").click()
    expect(page.get_by_text("A••• Q.")).to_be_visible()
    # The browser kept nothing: it would have to ask again, by the same reason, and that would be written again.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
