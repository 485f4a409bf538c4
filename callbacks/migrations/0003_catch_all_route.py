from django.db import migrations


def create_route(apps, schema_editor):
    """Nothing is held out of the box; a site that wants it strict switches this route off."""
    routes = apps.get_model("callbacks", "FunctionRoute").objects.using(
        schema_editor.connection.alias
    )
    routes.get_or_create(
        service_number=None, function="", defaults={"name": "Every callback becomes a Case"}
    )


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0002_groups")]

    operations = [migrations.RunPython(create_route, migrations.RunPython.noop)]
