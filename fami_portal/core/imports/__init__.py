# SPDX-License-Identifier: EUPL-1.2
"""Imports of files: one road for all kinds, from the template to the result (docs/adr, 28).

An app registers its kinds when it is ready (`register_import`): what the columns are is said by a resource of
django-import-export, what is written by the bulk services of the app. Everything between is here.
"""

from fami_portal.core.imports.columns import Cell, Choice, Code, Column, Day, Hour, Listed, Text, Whole, YesNo
from fami_portal.core.imports.reading import FileRefused
from fami_portal.core.imports.registry import ImportKind, Place, kind_of, kinds, kinds_for, place_for, register_import
from fami_portal.core.imports.resource import Assessment, ImportResource
from fami_portal.core.imports.rows import Firsts, Line, Problem, plain, sound, where_read
from fami_portal.core.imports.runs import cancel_import, confirm_import, start_import
from fami_portal.core.imports.work import expire_imports

__all__ = [
    "Assessment",
    "Cell",
    "Choice",
    "Code",
    "Column",
    "Day",
    "FileRefused",
    "Firsts",
    "Hour",
    "ImportKind",
    "ImportResource",
    "Line",
    "Listed",
    "Place",
    "Problem",
    "Text",
    "Whole",
    "YesNo",
    "cancel_import",
    "confirm_import",
    "expire_imports",
    "kind_of",
    "kinds",
    "kinds_for",
    "place_for",
    "plain",
    "register_import",
    "sound",
    "start_import",
    "where_read",
]
