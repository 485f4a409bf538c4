from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(
        installed.get_app_config("callbacks"), apps=installed, using=using, verbosity=0
    )
    known = apps.get_model("auth", "Permission").objects.using(using)
    right = known.get(content_type__app_label="callbacks", codename="view_replay")
    viewers, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name="Viewer")
    viewers.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0017_rights_of_viewers")]

    operations = [
        migrations.AddField(
            model_name="replay",
            name="size",
            field=models.PositiveIntegerField(default=0, verbose_name="callbacks"),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
