from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ("Back office", "Administrators")
RIGHTS = ("view_replay", "correct_callback")


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(
        installed.get_app_config("callbacks"), apps=installed, using=using, verbosity=0
    )
    known = apps.get_model("auth", "Permission").objects.using(using)
    rights = known.filter(content_type__app_label="callbacks", codename__in=RIGHTS)
    for name in GROUPS:
        group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0012_replays_and_corrections")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
