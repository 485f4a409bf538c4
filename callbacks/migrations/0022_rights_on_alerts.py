from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE = ["view_alertrules", "view_numberwatch"]
RIGHTS = {
    "Viewer": SEE,
    "Back office": SEE,
    "Administrators": [
        *SEE,
        "change_alertrules",
        "test_alertrules",
        "add_numberwatch",
        "change_numberwatch",
        "delete_numberwatch",
    ],
}


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(
        installed.get_app_config("callbacks"), apps=installed, using=using, verbosity=0
    )
    known = apps.get_model("auth", "Permission").objects.using(using)
    for name, codenames in RIGHTS.items():
        group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(
            *known.filter(content_type__app_label="callbacks", codename__in=codenames)
        )


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0021_alerts")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
