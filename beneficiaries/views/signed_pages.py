# SPDX-License-Identifier: EUPL-1.2
"""The signed pages of a meeting: attach a scan, open it by a reason, destroy one that was attached by mistake."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.permissions import check_can_keep_register
from beneficiaries.forms.signed_pages import PageForm
from beneficiaries.selectors import register_meetings
from beneficiaries.selectors.signed_pages import pages_of
from beneficiaries.services import signed_pages as services
from fami_portal.core import clock
from fami_portal.core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def signed_pages(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The scanned pages on which a meeting stands."""
    meeting = get_object_or_404(
        Meeting.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk")).select_related(
            "activity__programme", "activity__activity_type"
        ),
        uuid=uuid,
    )
    activity = meeting.activity
    check_can_keep_register(request.user, activity)
    address = reverse("beneficiaries:signed-pages", args=[meeting.uuid])
    pages = list(pages_of(meeting))
    if "destroy" in request.POST:
        page = next((one for one in pages if str(one.pk) == request.POST["destroy"]), None)
        if page is not None:
            services.destroy_page(document=page.document, by=request.user, at=clock.now())
            messages.success(request, _("The page is destroyed."))
        return redirect(address)
    held = [one for one in register_meetings(activity) if one.state == MeetingState.HELD]
    form = PageForm(
        request.POST or None,
        request.FILES or None,
        meetings=held,
        initial={"meetings": [str(meeting.pk)]},
        cancel_url=reverse("beneficiaries:register", args=[activity.uuid]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.attach_page(
                activity=activity,
                meetings=form.chosen,
                file=form.cleaned_data["file"],
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The page is attached, sealed."))
            return redirect(address)
    day = f"{meeting.held_on:%d/%m/%Y}"
    context = {
        "meeting": meeting,
        "activity": activity,
        "programme": activity.programme,
        "pages": pages,
        "form": form if meeting.state == MeetingState.HELD else None,
        "address": address,
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            (_("Register"), reverse("beneficiaries:register", args=[activity.uuid])),
            _("Signed pages of %(day)s") % {"day": day},
        ],
    }
    return render(request, "beneficiaries/signed_pages.html", context)
