# SPDX-License-Identifier: EUPL-1.2
"""Selectors of the reporting app, one module per subject."""
