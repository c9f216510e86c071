# SPDX-License-Identifier: EUPL-1.2
"""Rows of the privacy notices and of the parts in the processing: read by everybody in the programme, kept by two."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission
from actions.models import Notice, NoticeText, ProcessingRole
from fami_portal.core.services import acting
from partners.models import Language
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.programmes import READERS, _programme
from tests.matrix.registers import READS
from tests.personas import World

KEEPS = frozenset({"regional_coordinator", "data_protection_officer"})
REGISTERS = having(Permission.REGISTER_BENEFICIARIES)


def prepare(world: World) -> None:
    """Publish a version and record a part in two programmes."""
    italian, _made = Language.objects.get_or_create(code="it", defaults={"name": "Italiano"})
    with acting(None):
        for key in ("a", "b"):
            programme = world.programmes[key]
            notice = Notice.objects.create(
                programme=programme, code="matrice", valid_from=date(2019, 1, 2), published_at=timezone.now()
            )
            NoticeText.objects.create(notice=notice, language=italian, body="Informativa.")
            world.objects[f"notice_{key}"] = notice
            world.objects[f"part_{key}"] = ProcessingRole.objects.create(
                programme=programme,
                organisation=programme.lead,
                role="controller",
                legal_act="Legge",
                act_on=date(2019, 1, 2),
                dpo_contact="rpd@ente.example",
            )


def _uuid(name: str, key: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"{name}_{key}"].uuid}


def _read(name: str) -> dict[str, On]:
    return {
        "own": On(READERS, ALL - READERS, target=_uuid(name, "a")),
        "foreign": On(NOBODY, target=_uuid(name, "b")),
    }


def _write(target: Any) -> dict[str, On]:
    return {"own": On(KEEPS, ALL - KEEPS, target=target("a")), "foreign": On(NOBODY, target=target("b"))}


def _both(url: str, target: Any) -> list[Row]:
    return [Row(url, _write(target)), Row(url, _write(target), method="post")]


ROWS = [
    Row(
        "actions:notice-list",
        {
            "own": On(READERS, ALL - READERS, target=_programme("a")),
            "foreign": On(NOBODY, target=_programme("b")),
        },
    ),
    Row("actions:notice", _read("notice")),
    *_both("actions:notice-new", _programme),
    *_both("actions:notice-edit", lambda key: _uuid("notice", key)),
    *_both("actions:notice-language", lambda key: _uuid("notice", key)),
    *_both("actions:processing-new", _programme),
    *_both("actions:processing-edit", lambda key: _uuid("part", key)),
    Row("beneficiaries:notice-renewals", {"": On(READS, SIGNED_IN - READS)}),
    Row("beneficiaries:notice-renewals", {"": On(REGISTERS, SIGNED_IN - REGISTERS)}, method="post"),
]
