# SPDX-License-Identifier: EUPL-1.2
"""Rows of the pages of outcomes: read by who reads the register, written by who keeps it."""

from tests.matrix import SIGNED_IN, On, Row
from tests.matrix.registers import READS, _enrolling, _register

ROWS = [
    Row("beneficiaries:outcome-list", {"": On(READS, SIGNED_IN - READS)}),
    Row("beneficiaries:outcomes", _register("lab")),
    Row(
        "beneficiaries:outcomes",
        _enrolling("lab"),
        method="post",
        data=lambda world, role: {"collected_on": "2020-03-01"},
    ),
]
