# SPDX-License-Identifier: EUPL-1.2
"""Privacy classes of model fields.

Every model declares an inner class `Privacy` whose attributes are the class names below and whose values are the
names of the fields, separated by blanks. `tests/architecture/test_privacy.py` fails on a field without a class.

* `public`: may be published (titles of programmes, reference lists);
* `internal`: work data about bodies and processes, no natural person described;
* `personal`: about an identifiable person (account holders, contacts, free text that may name someone);
* `special`: about recipients: minors, migrants, anything that reveals origin or need.
"""

from django.db import models

CLASSES = ("public", "internal", "personal", "special")


def classified_fields(model: type[models.Model]) -> dict[str, str]:
    """Return field name to privacy class for one model, from its `Privacy` class and those of its bases."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        declared = base.__dict__.get("Privacy")
        for name in CLASSES:
            for field in getattr(declared, name, "").split() if declared else ():
                found[field] = name
    return found
