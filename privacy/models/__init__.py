# SPDX-License-Identifier: EUPL-1.2
"""The models of the privacy app."""
