# SPDX-License-Identifier: EUPL-1.2
"""Filters of the lists, by room, kept in the address."""
