# SPDX-License-Identifier: EUPL-1.2
"""What every factory is made of."""

from typing import Any

from factory.django import DjangoModelFactory

from fami_portal.core.services import acting


class PortalFactory(DjangoModelFactory):
    """Writes in the name of the portal itself: without an actor the history triggers refuse every row."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Any:
        with acting(None):
            return super()._create(model_class, *args, **kwargs)
