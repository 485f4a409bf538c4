from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

NOW_NAMED = {"change_finding": "mend_finding", "change_org": "settle_org"}


def grant(apps, schema_editor):
    """To whoever had the right that was asked for until now, which no form offers.

    Permissions appear only after all migrations of a run, so they are made here already.
    """
    using = schema_editor.connection.alias
    create_permissions(installed.get_app_config("crm"), apps=installed, using=using, verbosity=0)
    ours = apps.get_model("auth", "Permission").objects.using(using)
    ours = ours.filter(content_type__app_label="crm")
    for before, now in NOW_NAMED.items():
        had, right = ours.get(codename=before), ours.get(codename=now)
        for group in had.group_set.all():
            group.permissions.add(right)
        for person in had.user_set.all():
            person.user_permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("crm", "0019_inspection"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="finding",
            options={
                "ordering": ["-found_at", "-id"],
                "permissions": [("mend_finding", "Can settle findings")],
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
            },
        ),
        migrations.AlterModelOptions(
            name="org",
            options={
                "permissions": [
                    ("steer_conversation", "Can pause and resume the conversation"),
                    ("settle_org", "Can try an org in trouble again, or confirm another"),
                ],
                "verbose_name": "Salesforce org",
                "verbose_name_plural": "Salesforce org",
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
