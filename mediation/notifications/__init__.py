# SPDX-License-Identifier: EUPL-1.2
"""Messages of the mediation service: no personal data, only numbers and places."""
