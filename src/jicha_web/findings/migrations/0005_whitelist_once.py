"""One entry of the white list alive for each finding."""

from typing import Any

from django.db import migrations, models
from django.db.models import Count


def name_doubles(apps: Any, schema_editor: Any) -> None:
    """Say which entries stand twice: ending one is people's decision, with its row in the history."""
    entries = apps.get_model("findings", "WhitelistEntry").objects.using(schema_editor.connection.alias)
    alive = entries.filter(state__in=("asked", "approved"))
    doubles = alive.values("rule", "key").annotate(n=Count("pk")).filter(n__gt=1).order_by("rule", "key")
    told = "; ".join(f"{one['rule']} {one['key']} ({one['n']})" for one in doubles[:20])
    if told:
        raise RuntimeError(
            f"白名单中同一疑点有多条有效记录，请先用原版本终止或拒绝多余的记录，再升级 / several entries of the white "
            f"list are alive for one finding: end or refuse all but one with the version before, then update: {told}"
        )


class Migration(migrations.Migration):
    dependencies = [("findings", "0004_triggers_of_counts")]

    operations = [
        migrations.RunPython(name_doubles, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="whitelistentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("asked", "approved"))), fields=("rule", "key"), name="whitelist_once"
            ),
        ),
    ]
