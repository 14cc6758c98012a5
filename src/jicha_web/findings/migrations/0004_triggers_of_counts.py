"""Counts what is there and has the database keep it counted: triggers, in the words of the engine at hand."""

from django.db import migrations

from jicha_web.findings import kept


def watch(apps, schema_editor):
    """Count what is there and watch it from now on."""
    kept.count_again()


def unwatch(apps, schema_editor):
    """Take the triggers away again."""
    kept.unwatch()


class Migration(migrations.Migration):
    """After the tables: PostgreSQL adds their foreign keys at the end of a migration."""

    dependencies = [("findings", "0003_kept_counts")]
    operations = [migrations.RunPython(watch, unwatch)]
