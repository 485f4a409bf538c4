from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODELS = ("namedquery", "queryanswerfield")


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(installed.get_app_config("crm"), apps=installed, using=using, verbosity=0)
    known = apps.get_model("auth", "Permission").objects.using(using)
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(
        name="Administrators"
    )
    group.permissions.add(
        *known.filter(content_type__app_label="crm", content_type__model__in=MODELS)
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_named_queries")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
