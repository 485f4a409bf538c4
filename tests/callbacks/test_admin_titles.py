"""A list's browser tab is called as the list is."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("callbacks_acdclient", "Zugänge"),
        ("callbacks_rejectedrequest", "Abgewiesene Anfragen"),
        ("callbacks_staffaction", "Protokoll"),
        ("django_celery_beat_periodictask", "Zeitplan"),
        ("crm_storedrequest", "Gespeicherte Anfragen"),
    ],
)
def test_a_tab_names_its_list(admin_client: Client, place: str, title: str) -> None:
    address = reverse(f"admin:{place}_changelist")
    page = admin_client.get(address, headers={"accept-language": "de"}).text
    name = page[page.index("<title>") + len("<title>") : page.index("</title>")].strip()
    assert name.startswith(title)
