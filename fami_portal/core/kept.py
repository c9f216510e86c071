# SPDX-License-Identifier: EUPL-1.2
"""What is read about a person once for a request and asked many times while it is answered."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def kept_on(user: Any, name: str, read: Callable[[], T]) -> T:
    """Return what `read` gives, keeping it on the person for the next time.

    It is kept on the account itself, not on the lazy object that stands for it during a request, so that whoever
    holds the same account finds it.

    Args:
        user: an account, or the lazy object of a request.
        name: the attribute, one per kind of thing; all begin with `_portal_`.
        read: reads it from the database.
    """
    missing = object()
    value: Any = getattr(user, name, missing)
    if value is missing:
        value = read()
        setattr(user, name, value)
    return value  # type: ignore[no-any-return]


def forget(user: Any, name: str) -> None:
    """Forget what was kept, because it has just been changed."""
    if hasattr(user, name):
        delattr(user, name)
