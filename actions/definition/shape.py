# SPDX-License-Identifier: EUPL-1.2
"""Problems of shape: the JSON schema's findings as sentences, all of them at once."""

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from actions.definition import schema
from actions.definition.parsing import Problem, Source

_checker = Draft202012Validator.TYPE_CHECKER.redefine("date", lambda _checker, value: type(value) is date)
Validator = extend(Draft202012Validator, type_checker=_checker)


def shape_problems(source: Source) -> Iterator[Problem]:
    """Yield what the schema finds wrong in a file."""
    if not isinstance(source.data, dict) or not {"programme", "plan"} & set(source.data):
        yield source.problem((), _("The file must have “programme:” or “plan:” at the top."))
        return
    if {"programme", "plan"} <= set(source.data):
        yield source.problem(
            ("plan",), _("A file describes a programme or a plan, not both: a plan may not redefine its programme.")
        )
        return
    validator = Validator(schema.PLAN if source.is_plan else schema.PROGRAMME)
    for error in validator.iter_errors(source.data):
        yield from _sentences(source, error)


def _sentences(source: Source, error: ValidationError) -> Iterator[Problem]:
    place = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            allowed = error.schema["properties"]
            for key in error.instance:
                if key not in allowed:
                    yield source.problem((*place, str(key)), _unknown_key(str(key), list(allowed)))
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            # jsonschema reports each missing key once; its message begins with the key.
            for key in missing:
                if error.message.startswith(repr(key)):
                    yield source.problem(place, _("“%(key)s” is missing.") % {"key": key})
        case _:
            yield source.problem(place, _sentence(error))


def _unknown_key(key: str, allowed: list[str]) -> str:
    sentence = _("Unknown key “%(key)s”.") % {"key": key}
    near = get_close_matches(key, allowed, n=1, cutoff=0.6)
    if near:
        return sentence + " " + _("Did you mean “%(near)s”?") % {"near": near[0]}
    return sentence + " " + _("Here one may write: %(keys)s.") % {"keys": ", ".join(sorted(allowed))}


def suggestion(value: object, allowed: list[str]) -> str:
    """Return “Did you mean …?”, or the list of what is possible."""
    near = get_close_matches(str(value), allowed, n=1, cutoff=0.6)
    if near:
        return _("Did you mean “%(near)s”?") % {"near": near[0]}
    if not allowed:
        return _("There is none yet.")
    return _("Possible values: %(values)s.") % {"values": ", ".join(allowed)}


def _sentence(error: ValidationError) -> str:
    limit: Any = error.validator_value
    match error.validator:
        case "type":
            return {
                "string": _("A text is expected. Put it in quotes if it looks like a number or a date."),
                "integer": _("A whole number is expected."),
                "number": _("A number is expected, with a point before the decimals."),
                "date": _("A date is expected, without quotes, as 2018-07-01."),
                "array": _("A list is expected: lines that begin with “- ”."),
                "object": _("Keys with their values are expected."),
            }[limit]
        case "enum":
            return (
                _("“%(value)s” is not possible here.") % {"value": error.instance}
                + " "
                + suggestion(error.instance, [str(value) for value in limit])
            )
        case "pattern":
            return _("“%(value)s” is not a code: letters, digits, points and hyphens, no spaces.") % {
                "value": error.instance
            }
        case "minLength":
            return _("This text may not be empty.")
        case "maxLength":
            return _("This text is longer than %(limit)s characters.") % {"limit": limit}
        case "minimum":
            return _("The smallest possible value is %(limit)s.") % {"limit": limit}
        case "exclusiveMinimum":
            return _("The value must be greater than %(limit)s.") % {"limit": limit}
        case "maximum":
            return _("The largest possible value is %(limit)s.") % {"limit": limit}
        case "uniqueItems":
            return _("The same value is in the list twice.")
    return error.message
