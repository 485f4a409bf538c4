from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ("Back office", "Administrators")
RIGHTS = [
    "steer_conversation",
    "view_finding",
    "change_finding",
    "view_reconciliationrun",
    "view_apicalls",
]


def grant(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    create_permissions(installed.get_app_config("crm"), apps=installed, using=using, verbosity=0)
    known = apps.get_model("auth", "Permission").objects.using(using)
    rights = known.filter(content_type__app_label="crm", codename__in=RIGHTS)
    for name in GROUPS:
        group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_findings_and_usage")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
