# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of the privacy app, by room."""
