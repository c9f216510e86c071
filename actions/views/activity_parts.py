# SPDX-License-Identifier: EUPL-1.2
"""Parts of the page of an activity: networks that take part, services opened or strengthened, products."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityKind
from actions.models import Activity, Deliverable
from actions.selectors import tables as selectors
from actions.selectors.activities import products_of
from fami_portal.core.components import Button, Column, Lines, Link


def parts_of(activity: Activity, *, writes: bool, is_open: bool) -> dict[str, Any]:
    """Return what the template needs of these parts. Three queries."""
    kind = activity.activity_type.kind
    changes = list(selectors.service_changes_of(activity)) if kind in selectors.SERVICE_KINDS else []
    adds = writes and is_open
    return {
        "service_columns": [
            Column(_("Service")),
            Column(_("Since"), nowrap=True),
            Column(_("Hours a week"), numeric=True),
        ],
        "service_rows": [
            [
                Lines(Link(row.service.title, row.get_absolute_url()), row.get_kind_display()),
                row.changed_on,
                f"{_hours(row.minutes_before)} → {_hours(row.minutes_after)}",
            ]
            for row in changes
        ],
        "has_services": kind in selectors.SERVICE_KINDS,
        "service_buttons": [
            Button(_("Add a service"), reverse("actions:service-create", args=[activity.uuid]), style="outline-primary")
        ]
        if adds
        else [],
        "product_columns": [
            Column(_("Product")),
            Column(_("Delivered on"), nowrap=True),
            Column(_("Quantity"), numeric=True),
            Column(_("Evidence")),
        ],
        "product_rows": [_product_row(product) for product in products_of(activity)],
        "product_buttons": [
            Button(
                _("Add a product"),
                reverse("actions:deliverable-create", args=[activity.uuid]),
                style="primary" if kind == ActivityKind.DELIVERABLE else "outline-primary",
            )
        ]
        if adds
        else [],
        "network_buttons": [
            Button(
                _("Networks that take part"),
                reverse("actions:activity-networks", args=[activity.uuid]),
                style="outline-primary",
            )
        ]
        if adds and kind in selectors.SHARED_KINDS
        else [],
    }


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return f"{whole}:{rest:02d}"


def _product_row(product: Deliverable) -> list[Any]:
    return [
        Lines(Link(product.title, reverse("actions:deliverable", args=[product.uuid])), product.get_kind_display()),
        product.delivered_on,
        product.quantity,
        Link(product.evidence.name, product.evidence.get_absolute_url()) if product.evidence else None,
    ]
