# SPDX-License-Identifier: EUPL-1.2
"""Pictures drawn on the server."""
