# SPDX-License-Identifier: EUPL-1.2
"""Rows of the register away from its grid."""

from tests.matrix.registers import _both, _enrolling

ROWS = [*_both("beneficiaries:register-block", _enrolling("lab"))]
