# SPDX-License-Identifier: EUPL-1.2
"""Contents with their measures, and products with their evidence."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from actions.enums import ActivityKind, PeriodCalendar, ReachMetric, ReachMode
from actions.models import Activity, Campaign, Programme, ReachChannel
from actions.selectors.activities import EVIDENCE
from actions.services.campaigns import correct_measure, publish_campaign, record_measure, update_campaign
from actions.services.deliverables import record_deliverable, update_deliverable
from fami_portal.core.documents import document_for, store_document
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting
from tests.actions.scene import Scene

DAY = date(2019, 2, 5)


@pytest.fixture
def newsletter(scene: Scene) -> Activity:
    return scene.activity(ActivityKind.CAMPAIGN)


def issue(scene: Scene, activity: Activity, **values: Any) -> Campaign:
    return publish_campaign(
        **{
            "activity": activity,
            "channel": scene.channel,
            "title": "Numero 1",
            "audience": "iscritti",
            "published_on": DAY,
            "by": scene.operator,
        }
        | values
    )


def test_an_issue_is_there_once_and_refused_at_the_field(scene: Scene, newsletter: Activity) -> None:
    key = uuid4()
    assert issue(scene, newsletter, key=key) == issue(scene, newsletter, key=key)
    with acting(None):
        other = Programme.objects.create(
            slug="altro", title="Altro", fund="FAMI", lead=scene.lead, starts_on=date(2019, 1, 1),
            ends_on=date(2020, 1, 1), calendar=PeriodCalendar.SOLAR_QUARTERS, visibility_text="x",
        )  # fmt: skip
        channel = ReachChannel.objects.create(
            programme=other, code="x", title="X", metric=ReachMetric.VIEWS, mode=ReachMode.FLOW
        )
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"title": " "}, "title"),
        ({"audience": ""}, "audience"),
        ({"published_on": date(2019, 1, 9)}, "published_on"),
        ({"published_on": date(2999, 1, 1)}, "published_on"),
        ({"channel": channel}, "channel"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as refusal:
            issue(scene, newsletter, **values)
        assert refusal.value.field == field, values
    for person in ("teacher", "coordinator", "outsider"):
        with pytest.raises(NotPermitted):
            issue(scene, newsletter, by=getattr(scene, person))
    with pytest.raises(DomainError):
        issue(scene, scene.activity())  # a lab publishes nothing


def test_one_value_a_day_that_can_be_corrected(scene: Scene, newsletter: Activity) -> None:
    campaign = issue(scene, newsletter)

    measure = record_measure(campaign=campaign, measured_on=DAY, value=1800, by=scene.operator)
    again = record_measure(campaign=campaign, measured_on=DAY, value=1800, by=scene.operator)
    with pytest.raises(DomainError) as refusal:
        record_measure(campaign=campaign, measured_on=DAY, value=1900, by=scene.operator)
    correct_measure(measure=measure, value=1900, source="Pannello", by=scene.operator)

    assert again == measure
    assert refusal.value.field == "measured_on"
    assert (measure.value, measure.source) == (1900, "Pannello")
    for day in (date(2019, 2, 4), date(2999, 1, 1), date(2021, 1, 1)):  # before the issue, to come, after the programme
        with pytest.raises(DomainError) as refusal:
            record_measure(campaign=campaign, measured_on=day, value=1, by=scene.operator)
        assert refusal.value.field == "measured_on"
    later = record_measure(campaign=campaign, measured_on=date(2019, 3, 5), value=2000, by=scene.operator)
    for day in (DAY, date(2019, 2, 4), date(2999, 1, 1)):  # taken, before the issue, to come
        with pytest.raises(DomainError) as refusal:
            correct_measure(measure=later, value=2000, measured_on=day, by=scene.operator)
        assert refusal.value.field == "measured_on"
    correct_measure(measure=later, value=2000, measured_on=date(2019, 3, 6), by=scene.operator)
    assert later.measured_on == date(2019, 3, 6)


def test_update_of_an_issue(scene: Scene, newsletter: Activity) -> None:
    campaign = issue(scene, newsletter)
    record_measure(campaign=campaign, measured_on=DAY, value=1, by=scene.operator)
    values = {"channel": scene.channel, "title": "Due", "audience": "iscritti"}

    update_campaign(campaign=campaign, version=1, published_on=DAY, by=scene.operator, **values)

    assert campaign.title == "Due"
    with pytest.raises(StaleError):
        update_campaign(campaign=campaign, version=1, published_on=DAY, by=scene.operator, **values)
    with pytest.raises(DomainError) as refusal:
        update_campaign(campaign=campaign, version=2, published_on=date(2019, 2, 6), by=scene.operator, **values)
    assert refusal.value.field == "published_on"


def test_a_product_keeps_its_evidence_and_is_refused_at_the_field(scene: Scene) -> None:
    products = scene.activity(ActivityKind.DELIVERABLE)
    document = store_document(
        kind=EVIDENCE, name="modulo.pdf", content=b"%PDF-1.7\n%%EOF\n", by=scene.operator, subject_id=products.pk
    )

    deliverable = record_deliverable(
        activity=products, title="Modulo semplificato", delivered_on=DAY, quantity=2, evidence=document,
        by=scene.operator,
    )  # fmt: skip
    update_deliverable(
        deliverable=deliverable, version=1, title="Modulo", delivered_on=DAY, quantity=3, by=scene.operator
    )

    assert deliverable.evidence == document
    assert (deliverable.title, deliverable.quantity, deliverable.version) == ("Modulo", 3, 2)
    assert document_for(scene.coordinator, document.uuid) == document
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"title": ""}, "title"),
        ({"quantity": 0}, "quantity"),
        ({"delivered_on": date(2999, 1, 1)}, "delivered_on"),
        ({"delivered_on": date(2020, 1, 1)}, "delivered_on"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as refusal:
            record_deliverable(
                **{"activity": products, "title": "Modulo", "delivered_on": DAY, "by": scene.operator} | values
            )
        assert refusal.value.field == field, values


def test_views_are_kept_beside_what_the_channel_counts(client: Any, scene: Scene) -> None:
    issue = publish_campaign(
        activity=scene.activity(ActivityKind.CAMPAIGN),
        channel=scene.channel,
        title="Numero 1",
        audience="iscritti",
        published_on=date(2019, 2, 5),
        value=1800,
        by=scene.operator,
    )
    given = {"campaign": issue, "measured_on": date(2019, 2, 5), "by": scene.operator}
    record_measure(**given, value=9000, metric=ReachMetric.VIEWS)
    # The channel counts subscribers: its own metric by name is the same value.
    assert record_measure(**given, value=1800, metric=ReachMetric.SUBSCRIBERS).metric == ""
    assert issue.measures.count() == 2
    client.force_login(scene.region)
    page = client.get(issue.get_absolute_url()).content.decode()
    assert "9.000" in page
    assert "visualizzazioni" in page
    assert "1.800" in client.get(issue.activity.get_absolute_url()).content.decode()
