# SPDX-License-Identifier: EUPL-1.2
"""Pytest plugin: the environment of the tests, set before Django reads its settings (docs/testing.md).

The controller alone starts the servers, under `<var>/test`; the parallel workers inherit their addresses, and each
has its own database (pytest-django) and its own Redis number.
"""

import os
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from fami_portal import embedded, texts

LOCAL = {"127.0.0.1", "::1", "localhost", ""}
# What a developer's shell may hold for the demonstration would change what is tested.
UNWANTED = ["FAMI_DEMO", "FAMI_DEBUG", "FAMI_HTTPS", "FAMI_BEHIND_PROXY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_BACKEND"]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Prepare the environment before pytest-django sets Django up."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["REDIS_URL"] = _numbered(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
    else:
        for name in UNWANTED:
            os.environ.pop(name, None)
        os.environ["FAMI_TESTING"] = "1"
        os.environ["FAMI_JOBS_INLINE"] = "1"
        os.environ["FAMI_VAR"] = str(embedded.var() / "test")
        texts.ensure_compiled()
        embedded.ensure()
    _refuse_network()
    return (yield)


def _numbered(address: str, number: int) -> str:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


def _refuse_network() -> None:
    """Let tests talk to this machine only: no test may depend on the network, or reach somebody by mistake."""
    connect = socket.socket.connect

    def local_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL:
            raise AssertionError(f"a test tried to reach {address[0]}: tests use this machine only")
        connect(self, address)

    socket.socket.connect = local_connect  # type: ignore[method-assign]
