# SPDX-License-Identifier: EUPL-1.2
"""The tests themselves are strict: what conftest promises does happen."""

import os
import socket
import warnings

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template, engines
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.conftest import UndefinedVariableError


@pytest.mark.parametrize("source", ["{{ nothing }}", "{{ thing.nothing }}", "{{ nothing|default:'x' }}"])
def test_undefined_variable_raises(source):
    with pytest.raises(UndefinedVariableError, match="nothing is not defined"):
        Template(source, engine=engines["django"].engine).render(Context({"thing": {}}))


def test_condition_may_ask_whether_a_variable_is_there():
    assert Template("{% if nothing %}a{% else %}b{% endif %}").render(Context()) == "b"


@pytest.mark.django_db
def test_queryset_without_order_is_shuffled():
    with CaptureQueriesContext(connection) as queries:
        list(User.objects.order_by())
        list(User.objects.order_by("pk"))
        User.objects.order_by().count()
        list(User.objects.order_by().values("is_active").distinct())

    assert ["RANDOM()" in query["sql"] for query in queries][:2] == [True, False]


@pytest.mark.django_db
def test_cache_is_real_and_ones_own():
    cache.set("x", 1)

    assert cache.get("x") == 1
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    assert os.environ["REDIS_URL"].endswith(f"?db={number}") or not number


def test_network_is_out_of_reach():
    with pytest.raises(AssertionError, match="this machine only"), socket.socket() as line:
        line.connect(("192.0.2.1", 80))


def test_warning_is_an_error():
    with pytest.raises(UserWarning):
        warnings.warn("careful", stacklevel=1)
