# SPDX-License-Identifier: EUPL-1.2
"""Forms of bodies, networks and people."""
