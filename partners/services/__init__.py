# SPDX-License-Identifier: EUPL-1.2
"""Writes on bodies, networks, memberships, invitations and reference lists; one module each."""
