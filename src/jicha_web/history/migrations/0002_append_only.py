"""Rows of the history can be added, never changed or taken away: refused by the database itself."""

from django.db import migrations

TABLES = ("history_entry", "history_seal")


def protect(apps, schema_editor):
    """Add the triggers in the words of the engine at hand."""
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            for event in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
                )
        else:
            schema_editor.execute(
                "CREATE OR REPLACE FUNCTION jicha_append_only() RETURNS trigger AS $$ "
                "BEGIN RAISE EXCEPTION 'history is append-only'; END $$ LANGUAGE plpgsql"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION jicha_append_only()"
            )


def unprotect(apps, schema_editor):
    """Take the triggers away again."""
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            for event in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {table}_no_{event}")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")


class Migration(migrations.Migration):
    """Triggers for SQLite and PostgreSQL; TRUNCATE stays possible for tests, and is found by the seals."""

    dependencies = [("history", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
