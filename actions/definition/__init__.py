# SPDX-License-Identifier: EUPL-1.2
"""Reading a programme's definition file: YAML with line numbers, schema, cross-checks. Writes nothing."""
