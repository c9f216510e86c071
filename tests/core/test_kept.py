# SPDX-License-Identifier: EUPL-1.2
"""What is read once about a person stays with the account, also through the lazy object of a request."""

from types import SimpleNamespace

from django.utils.functional import SimpleLazyObject

from fami_portal.core.kept import forget, kept_on


def test_read_once_and_kept_on_the_account_behind_the_request() -> None:
    account = SimpleNamespace()
    behind = SimpleLazyObject(lambda: account)
    read: list[int] = []

    def count() -> int:
        read.append(1)
        return len(read)

    assert kept_on(behind, "_portal_count", count) == 1
    assert kept_on(account, "_portal_count", count) == 1
    forget(behind, "_portal_count")
    assert kept_on(account, "_portal_count", count) == 2


def test_nothing_found_is_kept_too() -> None:
    account = SimpleNamespace()
    read: list[None] = []

    kept_on(account, "_portal_none", lambda: read.append(None))
    kept_on(account, "_portal_none", lambda: read.append(None))
    forget(account, "_portal_other")

    assert len(read) == 1
