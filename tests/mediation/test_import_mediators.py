# SPDX-License-Identifier: EUPL-1.2
"""Mediators, imported."""

import pytest

from mediation.models import Mediator
from tests.core.importing import bring, counts, kind, problems, send
from tests.factories.partners import LanguageFactory
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_mediators_are_registered_corrected_and_left(world: World) -> None:
    LanguageFactory(code="ar", name="Arabo")
    LanguageFactory(code="fr", name="Francese")
    by = world.personas["network_coordinator"]
    first = {
        "given_name": "Zahra",
        "family_name": "Prova",
        "email": "zahra@example.org",
        "languages": "Arabo: lingua madre; fr: C1",
    }
    rows = [first, {"given_name": "Amin", "family_name": "Prova", "gender": "Uomo"}]

    done = bring("mediators", rows, by)

    assert counts(done) == (2, 0, 0, 0)
    assert "Zahra" not in str(done.report)
    zahra = Mediator.objects.get(email="zahra@example.org")
    place = kind("mediators").places(by)[0]
    assert str(zahra.organisation_id) == place.code
    assert sorted(zahra.languages.values_list("language__code", "level")) == [("ar", "mother_tongue"), ("fr", "c1")]
    assert counts(send("mediators", rows, by)) == (0, 0, 2, 0)

    changed = [first | {"phone": "3331234567", "languages": "Francese: C2"}, rows[1]]
    assert counts(bring("mediators", changed, by)) == (0, 1, 1, 0)
    zahra.refresh_from_db()
    assert (zahra.phone, zahra.languages.count(), zahra.version) == ("3331234567", 2, 2)

    bad = [
        first | {"email": "non-una-mail"},
        first | {"languages": "Klingon: C1"},
        {"given_name": "Senza"},
        first | {"email": "nessuna", "languages": "Klingon: C1", "home": "Atlantide"},
    ]
    told = problems(send("mediators", bad, by))
    assert {number for number, _column in told} == {2, 3, 4, 5}
    assert len([column for number, column in told if number == 5]) == 3
