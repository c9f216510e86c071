# SPDX-License-Identifier: EUPL-1.2
"""Minutes of a delegation go back when its request ends: takings and returns are rows that are only added."""

import django.db.models.deletion
from django.db import migrations, models

from fami_portal.core.operations import Together

MOVEMENTS = """
CREATE FUNCTION mediation_keep_delegation_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements of a delegation are never changed or deleted' USING ERRCODE = 'P0001';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mediation_delegationuse
    FOR EACH ROW EXECUTE FUNCTION mediation_keep_delegation_uses();
"""

MOVEMENTS_REVERSE = """
DROP TRIGGER append_only ON mediation_delegationuse;
DROP FUNCTION mediation_keep_delegation_uses();
"""


class Migration(migrations.Migration):
    """Movements of delegations."""

    dependencies = [
        ("mediation", "0110_consultation_guards"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="delegationuse",
                    name="act",
                    field=models.CharField(
                        choices=[
                            ("passed", "Passed under the delegation"),
                            ("changed", "Submitted again with other hours"),
                            ("returned", "Ended: hours given back"),
                        ],
                        default="passed",
                        max_length=10,
                        verbose_name="act",
                    ),
                ),
                migrations.AlterField(
                    model_name="delegationuse",
                    name="minutes",
                    field=models.IntegerField(verbose_name="minutes"),
                ),
                migrations.AlterField(
                    model_name="delegationuse",
                    name="request",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegation_uses",
                        to="mediation.mediationrequest",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegationuse",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("act", "changed"), _negated=True),
                        fields=("request", "act"),
                        name="mediation_delegation_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegationuse",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "passed"), ("minutes__gte", 0)),
                            ("act", "changed"),
                            models.Q(("act", "returned"), ("minutes__lt", 0)),
                            _connector="OR",
                        ),
                        name="mediation_delegation_sign",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(MOVEMENTS, MOVEMENTS_REVERSE),
    ]
