from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

OURS = ("callbacks", "auth", "django_celery_beat")
BACK_OFFICE = {
    "callbacks": [
        "view_callback",
        "view_failedsync",
        "view_rejectedrequest",
        "view_servicenumber",
        "view_functionroute",
        "view_fieldmapping",
        "requeue_callback",
        "dismiss_callback",
    ]
}
ADMINISTRATORS = {
    "callbacks": None,  # all
    "auth": [
        "view_user",
        "add_user",
        "change_user",
        "delete_user",
        "view_group",
        "add_group",
        "change_group",
        "delete_group",
    ],
    "django_celery_beat": ["view_periodictask", "change_periodictask"],
}


def create_groups(apps, schema_editor):
    """Permissions appear only after all migrations of a run, so they are made here already."""
    using = schema_editor.connection.alias
    for label in OURS:
        create_permissions(
            installed.get_app_config(label), apps=installed, using=using, verbosity=0
        )
    grant(apps, using, "Back office", BACK_OFFICE)
    grant(apps, using, "Administrators", ADMINISTRATORS)


def grant(apps, using, name, rights):
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
    known = apps.get_model("auth", "Permission").objects.using(using)
    for label, codenames in rights.items():
        permissions = known.filter(content_type__app_label=label)
        if codenames is not None:
            permissions = permissions.filter(codename__in=codenames)
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
