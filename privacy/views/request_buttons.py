# SPDX-License-Identifier: EUPL-1.2
"""The buttons of a case and the sentence above them: the act of the moment first, what is seldom needed folded."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fami_portal.core.components import Button
from privacy.models import RightsRequest
from privacy.selectors.moment import Act, Moment

LABELS: dict[Act, Any] = {
    Act.VERIFY: _("Verify the identity"),
    Act.ASK_IDENTITY: _("Ask for a proof of identity"),
    Act.MATCH: _("Compare with the records"),
    Act.BODIES: _("Ask the bodies"),
    Act.COPY: _("Make the copy"),
    Act.DELIVER: _("Copy delivered"),
    Act.PROPOSE_ERASURE: _("Propose the erasure"),
    Act.ERASE: _("Erase the data"),
    Act.CORRECT: _("Ask for the correction"),
    Act.RESTRICT: _("Restrict the processing"),
    Act.LIFT: _("Lift the restriction"),
    Act.ANSWER: _("The person was answered"),
    Act.EXTEND: _("Extend the term"),
    Act.REFUSE: _("Refuse"),
    Act.CLOSE: _("Close the case"),
}
SENTENCES: dict[Act, Any] = {
    Act.VERIFY: _("Verify who asks, then compare the request with the records of the programme."),
    Act.MATCH: _("Compare the request with the records of the programme."),
    Act.BODIES: _("Ask the bodies that may hold something of the person to search their files."),
    Act.COPY: _("Make the copy, deliver it to the person, and say when."),
    Act.DELIVER: _("Open the copy, deliver it to the person, and say when."),
    Act.PROPOSE_ERASURE: _("Look at what was found, then propose the erasure: another person confirms it."),
    Act.ERASE: _("The erasure was proposed: look at what was found again, then confirm it, or refuse with the reason."),
    Act.CORRECT: _("Ask the bodies that registered the person to correct what is wrong."),
    Act.RESTRICT: _("Restrict the processing, or refuse with the reason."),
    Act.ANSWER: _("Everything is there: answer the person, and say so here."),
    Act.CLOSE: _("The person was answered: close the case."),
}
PAGES = {Act.MATCH: "request-match", Act.BODIES: "request-bodies"}
STYLES = {Act.ERASE: "danger"}
FOLDED_STYLES = {Act.REFUSE: "outline-danger"}


def sentence(moment: Moment) -> Any:
    """Say what comes next."""
    if moment.act is not None:
        return SENTENCES[moment.act]
    if moment.second:
        return _("You proposed the erasure: another person who handles requests looks at the case and confirms it.")
    if moment.waiting:
        return ngettext("%(n)s body has not answered yet.", "%(n)s bodies have not answered yet.", moment.waiting) % {
            "n": moment.waiting
        }
    return ""


def _button(case: RightsRequest, act: Act, style: str) -> Button:
    page = PAGES.get(act)
    url = (
        reverse(f"privacy:{page}", args=[case.uuid])
        if page
        else reverse("privacy:request-step", args=[case.uuid, act.value])
    )
    return Button(LABELS[act], url, style=style)


def shown_buttons(case: RightsRequest, moment: Moment) -> list[Button]:
    """Return the act of the moment, and what is read to do it: who asks, the copy that was made."""
    buttons = [_button(case, moment.act, STYLES.get(moment.act, "primary"))] if moment.act else []
    if not case.destroyed_at:
        buttons.append(
            Button(_("Who asks"), reverse("privacy:request-applicant", args=[case.uuid]), style="outline-primary")
        )
    buttons += [
        Button(_("Open the copy: %(type)s") % {"type": name}, document.get_absolute_url(), style="outline-primary")
        for name, document in (("PDF", case.copy_file), ("JSON", case.copy_data))
        if case.is_open and document is not None and document.destroyed_at is None
    ]
    return buttons


def folded_buttons(case: RightsRequest, moment: Moment) -> list[Button]:
    """Return what else can be done."""
    return [_button(case, act, FOLDED_STYLES.get(act, "outline-primary")) for act in moment.others]
