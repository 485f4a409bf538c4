from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = ["view_org", "view_finding", "view_reconciliationrun", "view_apicalls"]


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(installed.get_app_config("crm"), apps=installed, using=using, verbosity=0)
    known = apps.get_model("auth", "Permission").objects.using(using)
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name="Viewer")
    group.permissions.add(*known.filter(content_type__app_label="crm", codename__in=RIGHTS))


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0013_first_changes"),
        ("callbacks", "0017_rights_of_viewers"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
