"""The tables of what is kept counted of findings."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("findings", "0002_withdrawn_whitelist_entries"),
        ("organisation", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("specialty", models.CharField(max_length=8)),
                ("rule", models.CharField(max_length=16)),
                ("severity_rank", models.PositiveSmallIntegerField()),
                ("n", models.IntegerField()),
                ("cents", models.BigIntegerField()),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("code", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=32)),
                ("opened_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "code", "state", "opened_at", "organisation", "case"], name="case_code_figures"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("case", "kind", "code"), name="case_code")],
            },
        ),
    ]
