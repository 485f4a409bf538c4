from django.db import migrations
from django.utils import timezone

MODELS = ("ServiceNumber", "FunctionRoute", "FieldMapping", "AnswerField", "AcdClient")
REASON = "As it was when changes began to be recorded."


def begin(apps, schema_editor):
    """What is there already gets a first entry, for the next change to be compared with."""
    for name in MODELS:
        using = schema_editor.connection.alias
        records = apps.get_model("callbacks", name).objects.using(using)
        history = apps.get_model("callbacks", f"Historical{name}")
        columns = {field.attname for field in history._meta.fields} & {
            field.attname for field in records.model._meta.fields
        }
        known = history.objects.using(using).values("id")
        history.objects.using(using).bulk_create(
            history(
                **{column: getattr(record, column) for column in columns},
                history_date=timezone.now(),
                history_type="+",
                history_change_reason=REASON,
            )
            for record in records.exclude(pk__in=known)
        )


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0014_changes_of_configuration")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
