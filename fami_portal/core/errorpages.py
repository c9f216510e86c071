# SPDX-License-Identifier: EUPL-1.2
"""One page for every refusal: what happened, what to do now, the reference to quote when asking for help."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, engines
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Advice:
    """The words of one error: `signed_in` and `anonymous` say what to do in each case."""

    heading: Any
    explanation: Any
    signed_in: tuple[Any, ...] = ()
    anonymous: tuple[Any, ...] = ()


_WRITE_TO_US = _("If it happens again, report the problem and quote the reference below.")

ADVICE = {
    400: Advice(
        _("The request cannot be read"),
        _("The page received something that it does not understand. Nothing was changed."),
        (_("Go back to the page, reload it and try again."), _WRITE_TO_US),
        (_("Go back to the page, reload it and try again."), _WRITE_TO_US),
    ),
    403: Advice(
        _("You cannot open this page"),
        _("The page exists, but your role does not include it."),
        (
            _("If you work for several bodies, check that your role is active in the right one."),
            _("If you think you should have access, ask whoever coordinates your network."),
        ),
        (_("Sign in with your account."), _("If you are signed in already, you may need another role.")),
    ),
    404: Advice(
        _("Page not found"),
        _("The address is wrong, or what you look for is not available to you."),
        (
            _("If you typed the address, check it."),
            _("If you followed a link, start again from the home page: what you look for may have been moved."),
        ),
        (
            _("If you typed the address, check it."),
            _("If you have an account, sign in: some pages can be seen only by those who take part."),
        ),
    ),
    405: Advice(
        _("This page cannot be used in this way"),
        _("Probably you opened the address of a button. Nothing was changed."),
        (_("Go back to the page and use its buttons."),),
        (_("Go back to the page and use its buttons."),),
    ),
    409: Advice(
        _("This cannot be done now"),
        _("The act was refused. Nothing was changed."),
        (_("Go back, reload the page and check its current state."),),
        (_("Go back, reload the page and check its current state."),),
    ),
    429: Advice(
        _("Too many attempts"),
        _("For safety we stopped for a few minutes the requests that come from you."),
        (_("Wait five minutes, then try again."), _WRITE_TO_US),
        (
            _("Wait five minutes, then try again."),
            _("If you do not remember the password, ask for a new one from the sign-in page."),
        ),
    ),
    500: Advice(
        _("Something went wrong on our side"),
        _("The page could not be completed. What you were saving may not have been saved."),
        (
            _("Wait a minute, go back to the page and try again: what you typed should still be there."),
            _WRITE_TO_US,
        ),
        (
            _("Wait a minute, go back to the page and try again: what you typed should still be there."),
            _WRITE_TO_US,
        ),
    ),
}
CSRF_ADVICE = Advice(
    _("The page was open for too long"),
    _("For safety the form was not accepted. Nothing was changed."),
    (
        _("Go back to the page, reload it and send the form again."),
        _("If it happens at every attempt, allow cookies for this site in your browser."),
    ),
    (
        _("Go back to the page, reload it and send the form again."),
        _("If it happens at every attempt, allow cookies for this site in your browser."),
    ),
)


def error_page(request: HttpRequest, code: int, *, detail: str = "", advice: Advice | None = None) -> HttpResponse:
    """Return the page of an error inside the usual frame; falls back on the bare one when the frame breaks."""
    advice = advice or ADVICE[code]
    user = getattr(request, "user", None)
    try:
        signed_in = bool(user and user.is_authenticated)
        context = {
            "code": code,
            "heading": advice.heading,
            "explanation": detail or advice.explanation,
            "steps": advice.signed_in if signed_in else advice.anonymous,
            "signed_in": signed_in,
        }
        return render(request, "error.html", context, status=code)
    except Exception:
        logger.exception("error page inside the frame failed")
        return bare_page(getattr(request, "id", ""), code)


def bare_page(reference: str, code: int = 500) -> HttpResponse:
    """Return the page of an error without database, context processors or static files: it cannot break."""
    advice = ADVICE.get(code, ADVICE[500])
    try:
        template = engines["django"].engine.get_template("errors/bare.html")
        html = template.render(
            Context(
                {
                    "heading": advice.heading,
                    "explanation": advice.explanation,
                    "steps": advice.anonymous,
                    "reference": reference,
                    "static_url": settings.STATIC_URL,
                }
            )
        )
    except Exception:
        logger.exception("bare error page failed")
        html = f"<!doctype html><title>Errore</title><h1>Errore</h1><p>{escape(reference)}</p>"
    return HttpResponse(html, status=code)
