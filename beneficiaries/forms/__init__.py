# SPDX-License-Identifier: EUPL-1.2
"""The forms of recipients, enrolments and registers. What the rules refuse is told by the services."""
