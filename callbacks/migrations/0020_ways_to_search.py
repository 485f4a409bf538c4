from django.db import migrations

INDEXES = {
    "callback_caller_start": "(caller_number varchar_pattern_ops)",
    "callback_caller_end": "(reverse(caller_number) text_pattern_ops)",
    "callback_wanted_start": (
        "(callback_number varchar_pattern_ops) WHERE callback_number > ''"
    ),
    "callback_wanted_end": (
        "(reverse(callback_number) text_pattern_ops) WHERE callback_number > ''"
    ),
    "callback_case_end": "(reverse(case_number) text_pattern_ops) WHERE case_number > ''",
    "callback_contact_start": (
        "(upper(contact_name) text_pattern_ops) WHERE contact_name > ''"
    ),
    "callback_contact_surname": (
        "(upper(reverse(split_part(reverse(contact_name), ' ', 1))) text_pattern_ops)"
        " WHERE contact_name > ''"
    ),
    "callback_nameless_caller": (
        "(upper(caller_text) text_pattern_ops) WHERE caller_number = ''"
    ),
}
# PostgreSQL learns nothing of an expression's values from a partial index, and would take rare
# names for frequent ones.
STATISTICS = {
    "callback_contact_starts": "upper(contact_name)",
    "callback_contact_surnames": "upper(reverse(split_part(reverse(contact_name), ' ', 1)))",
    "callback_case_ends": "reverse(case_number)",
    "callback_wanted_ends": "reverse(callback_number)",
    "callback_nameless_callers": "upper(caller_text)",
}


class OnPostgreSQL(migrations.RunSQL):
    """The embedded database has few rows, and other ways of writing these."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0019_saved_views")]

    operations = [
        OnPostgreSQL(
            f"CREATE INDEX IF NOT EXISTS {name} ON callbacks_callback {rest}",
            f"DROP INDEX IF EXISTS {name}",
        )
        for name, rest in INDEXES.items()
    ] + [
        OnPostgreSQL(
            f"CREATE STATISTICS IF NOT EXISTS {name} ON ({expression}) FROM callbacks_callback",
            f"DROP STATISTICS IF EXISTS {name}",
        )
        for name, expression in STATISTICS.items()
    ]
