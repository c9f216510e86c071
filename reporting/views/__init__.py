# SPDX-License-Identifier: EUPL-1.2
"""Views of the reporting app, one module per subject."""
