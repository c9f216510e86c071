# SPDX-License-Identifier: EUPL-1.2
"""What the evaluator of the demonstration has asked for: rows approved and opened once, tables to be decided."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from actions.models import Period
from fami_portal.core.jobs import run_job
from fami_portal.core.models import Job
from reporting.demo import world
from reporting.demo.bodies import programme
from reporting.demo.times import at_moment
from reporting.enums import ExtractProduct
from reporting.selectors.extracts import JOB_KIND
from reporting.services import extracts

ROME = ZoneInfo("Europe/Rome")
ASKED = datetime(2019, 5, 13, 9, 20, tzinfo=ROME)
APPROVED = datetime(2019, 5, 15, 11, 5, tzinfo=ROME)
OPENED = datetime(2019, 5, 16, 15, 40, tzinfo=ROME)
UNTIL = datetime(2020, 4, 30, tzinfo=ROME).date()


def extracts_for_the_evaluation() -> None:
    """Ask for both products, approve the rows of the first period and have their file made here."""
    evaluator = User.objects.get(email=f"valutazione{world.DOMAIN}")
    region = User.objects.get(email=f"regione{world.DOMAIN}")
    first, second = (Period.objects.get(programme=programme(), code=code) for code in world.CLOSED_PERIODS)
    rows = extracts.request_extract(
        programme=programme(),
        product=ExtractProduct.ROWS,
        first=first,
        last=first,
        purpose="Quanti alunni frequentano più di un laboratorio e con quale continuità, per rete e per fascia d’età",
        by=evaluator,
        at=ASKED,
    )
    extracts.approve_extract(extract=rows, expires_on=UNTIL, by=region, at=APPROVED)
    with at_moment(APPROVED + timedelta(minutes=2)):
        run_job(Job.objects.get(kind=JOB_KIND, subject_id=rows.pk).pk, heartbeat=False)
    extracts.open_extract(extract=rows, by=evaluator, at=OPENED)
    extracts.request_extract(
        programme=programme(),
        product=ExtractProduct.TABLES,
        first=second,
        last=second,
        purpose="Composizione per genere ed età delle persone raggiunte da ogni azione, per il rapporto intermedio",
        by=evaluator,
        at=ASKED,
    )
