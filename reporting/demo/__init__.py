# SPDX-License-Identifier: EUPL-1.2
"""Demonstration data for the first programme: invented bodies and people, built through the services."""
