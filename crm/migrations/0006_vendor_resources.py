from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

# What the telephone system's vendor describes and we do not answer. Switched on, because an ACD
# that is pointed at us goes on using them; who may call them here could call them there before.
RESOURCES = [
    {"path": "jtelACD/onClickToDial", "methods": "GET", "mode": "live"},
    {"path": "jtelACD/writeCallStatistics", "methods": "POST", "mode": "store"},
]
RIGHTS = [
    "view_passthroughresource",
    "add_passthroughresource",
    "change_passthroughresource",
    "delete_passthroughresource",
    "view_storedrequest",
    "steer_storedrequest",
]


def list_resources(apps, schema_editor):
    resources = apps.get_model("crm", "PassThroughResource").objects.using(
        schema_editor.connection.alias
    )
    for resource in RESOURCES:
        resources.get_or_create(path=resource["path"], defaults=resource)


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(installed.get_app_config("crm"), apps=installed, using=using, verbosity=0)
    known = apps.get_model("auth", "Permission").objects.using(using)
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(
        name="Administrators"
    )
    group.permissions.add(*known.filter(content_type__app_label="crm", codename__in=RIGHTS))


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_pass_through")]

    operations = [
        migrations.RunPython(list_resources, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
