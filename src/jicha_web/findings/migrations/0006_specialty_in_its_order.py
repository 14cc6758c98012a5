"""A list of one specialty is read in its order; figures, which are kept counted, need no index of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("findings", "0005_whitelist_once")]

    operations = [
        migrations.RemoveIndex(model_name="finding", name="finding_figures"),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["handling", "stands", "specialty", "-priority", "id", "organisation", "severity_rank", "rule"],
                name="finding_specialty",
            ),
        ),
    ]
