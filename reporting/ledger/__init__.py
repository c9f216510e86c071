# SPDX-License-Identifier: EUPL-1.2
"""The results ledger (design 5), all of it set-based SQL: facts, scopes, postings, rules, reconciliation, totals.

Every module says what it reads and writes. Only services and commands call the writing functions, always inside a
service transaction that has taken the head of the programme's ledger first (`postings`).
"""
