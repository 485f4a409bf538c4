import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0005_access_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="As the call flow reads it: ContactName, or Contact.Name.",
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z][A-Za-z0-9]*(?:\\.[A-Z][A-Za-z0-9]*)?\\Z",
                                "Words that begin with capitals, at most one point: ContactName or Contact.Name.",
                            )
                        ],
                        verbose_name="variable",
                    ),
                ),
                (
                    "template",
                    models.TextField(
                        blank=True,
                        help_text="Text with variables. Empty: no value.",
                        verbose_name="template",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer field",
                "verbose_name_plural": "answer fields",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="functionroute",
            name="action",
            field=models.CharField(
                choices=[
                    ("create", "Create a record"),
                    ("find_caller", "Find the caller"),
                    ("find_case", "Find the open Case of the caller"),
                    ("comment", "Comment on the open Case, else create one"),
                    ("update", "Update the Case that is found"),
                    ("store", "Only store it"),
                ],
                default="create",
                max_length=20,
                verbose_name="action",
            ),
        ),
        migrations.AddField(
            model_name="functionroute",
            name="budget_ms",
            field=models.PositiveIntegerField(
                default=1500,
                help_text="So long a caller waits at most for what is looked up or changed.",
                validators=[
                    django.core.validators.MinValueValidator(100),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="time budget in ms",
            ),
        ),
        migrations.AddField(
            model_name="functionroute",
            name="late_status",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (404, "404: none found"),
                    (300, "300: several found"),
                    (200, "200: found"),
                ],
                default=404,
                help_text="Also while Salesforce cannot be reached.",
                verbose_name="answer when it takes too long",
            ),
        ),
        migrations.AddField(
            model_name="functionroute",
            name="record_when_several",
            field=models.BooleanField(
                default=False,
                help_text="From ACD release 3.30 on, the answer to several records may carry one.",
                verbose_name="name one of several",
            ),
        ),
        migrations.AddField(
            model_name="functionroute",
            name="wait_ms",
            field=models.PositiveIntegerField(
                default=0,
                help_text="So long a caller waits at most for the number of a new Case. 0: not at all.",
                validators=[django.core.validators.MaxValueValidator(10000)],
                verbose_name="wait for the Case number, ms",
            ),
        ),
        migrations.AddField(
            model_name="servicenumber",
            name="merge_minutes",
            field=models.PositiveIntegerField(
                default=0,
                help_text="A second wish of the same caller within so many minutes joins the first, while that is open. 0: every wish is a new one.",
                validators=[django.core.validators.MaxValueValidator(43200)],
                verbose_name="same caller again within minutes",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("case_closed_at", None), ("status", "synced")),
                fields=["caller_number"],
                name="callback_open_case",
            ),
        ),
        migrations.AddField(
            model_name="answerfield",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answer_fields",
                to="callbacks.functionroute",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerfield",
            constraint=models.UniqueConstraint(
                models.F("route"),
                django.db.models.functions.text.Lower("name"),
                name="one_answer_field_per_route_and_name",
                violation_error_message="This route answers the variable already.",
            ),
        ),
    ]
