# SPDX-License-Identifier: EUPL-1.2
"""People for the tests of core, which knows no role and no body."""

from typing import Any

from django.contrib.auth import get_user_model

from fami_portal.core.services import acting


def a_person(name: str = "anna", **fields: Any) -> Any:
    """Return a saved account with an invented name."""
    with acting(None):
        return get_user_model()._default_manager.create(
            email=f"{name}@example.org", given_name=name.title(), family_name="Prova", **fields
        )
