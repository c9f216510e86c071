# SPDX-License-Identifier: EUPL-1.2
"""The writes of the beneficiaries app: recipients, enrolments, registers."""
