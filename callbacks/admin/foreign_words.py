"""Words that libraries show and nobody translated: Unfold comes without catalogues.

They stand here so that `makemessages` keeps them in ours, which goes before theirs.
"""

from django.utils.translation import gettext_noop

UNFOLD = (
    gettext_noop("Add new item"),
    gettext_noop("Add row"),
    gettext_noop(
        "After you've created a user, you’ll be able to edit more user options."  # noqa: RUF001
    ),
    gettext_noop("All applications"),
    gettext_noop("Apply Filters"),
    gettext_noop("Cancel"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Click to cancel"),
    gettext_noop("Click to download"),
    gettext_noop("Dark"),
    gettext_noop("Date"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Expand row"),
    gettext_noop("False"),
    gettext_noop("Filter navigation items"),
    gettext_noop("Filters"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("From"),
    gettext_noop("General"),
    gettext_noop("Go back"),
    gettext_noop("History"),
    gettext_noop("Light"),
    gettext_noop("Loading more results..."),
    gettext_noop("More actions"),
    gettext_noop("Next"),
    gettext_noop("No data"),
    gettext_noop("No recent searches"),
    gettext_noop("No results found"),
    gettext_noop("No results matching your query"),
    gettext_noop("Not enough data."),
    gettext_noop("Previous"),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this "
        "user’s password, but you can change the password using "  # noqa: RUF001
        '<a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    gettext_noop("Recent searches"),
    gettext_noop("Record picture"),
    gettext_noop("Reset filters"),
    gettext_noop("Return to site"),
    gettext_noop("Run"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select all rows"),
    gettext_noop("Select format"),
    gettext_noop("Select record"),
    gettext_noop("Select value"),
    gettext_noop("Submit"),
    gettext_noop("System"),
    gettext_noop("This item will be deleted."),
    gettext_noop("To"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("True"),
    gettext_noop("Type to search"),
    gettext_noop("Value"),
    gettext_noop("Welcome"),
    gettext_noop("Welcome back to"),
    gettext_noop("You have been successfully logged out from the administration"),
)

# Django's own German, where it slips or is long-winded.
DJANGO = (
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? '
        "All of the following related items will be deleted:"
    ),
    gettext_noop(
        "Designates that this user has all permissions without explicitly assigning them."
    ),
    gettext_noop(
        "Designates whether this user should be treated as active. "
        "Unselect this instead of deleting accounts."
    ),
    gettext_noop("superuser status"),
    gettext_noop("No, take me back"),
    gettext_noop("Objects"),
    gettext_noop("Yes, I’m sure"),  # noqa: RUF001
    gettext_noop("Enter the same password as before, for verification."),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your "  # noqa: RUF001
        "new password twice so we can verify you typed it in correctly."
    ),
)

# Of django-import-export and django-simple-history, and of Unfold's dress for them.
OTHERS = (
    gettext_noop(
        "Choose a date from the list below to revert to a previous version of this object"
    ),
    gettext_noop("Deleted %(type_name)s"),
    gettext_noop("Press the 'Change History' button below to edit the history."),
    gettext_noop("group"),
    gettext_noop("groups"),
    gettext_noop("Select all"),
    gettext_noop("View %(verbose_name)s"),
    gettext_noop("View history: %s"),
)

# Stored in the database in English, and shown in the language of whoever reads.
STORED = (
    gettext_noop("Viewer"),
    gettext_noop("Back office"),
    gettext_noop("Administrators"),
    gettext_noop("Every callback becomes a Case"),
    gettext_noop("Can requeue callbacks"),
    gettext_noop("Can dismiss callbacks"),
    gettext_noop("Can see phone numbers and names"),
    gettext_noop("Can make and revoke secrets of ACD clients"),
    gettext_noop("Can correct what Salesforce refused"),
    gettext_noop("Callbacks to Salesforce"),
)
