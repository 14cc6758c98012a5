"""Cases are counted by rule and specialty from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_figures"), ("findings", "0004_figures")]

    operations = [
        migrations.RemoveIndex(model_name="finding", name="finding_case"),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["case", "rule", "specialty"], name="finding_case"),
        ),
    ]
