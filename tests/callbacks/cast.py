"""A small cast for tests of the store: callbacks without the web around them."""

from typing import Any

from django.db import connection
from django.utils import timezone

from callbacks.models import AcdClient, Callback


def a_client(name: str = "ACD") -> AcdClient:
    client = AcdClient.objects.filter(name=name).first()
    if client is None:
        client = AcdClient(name=name)
        client.new_secret()
        client.save()
    return client


def a_callback(**facts: Any) -> Callback:
    """A stored callback that is due; any field can be given."""
    defaults: dict[str, Any] = {
        "dialect": Callback.Dialect.BASE,
        "received_at": timezone.now(),
        "caller_text": "4989555010",
        "caller_number": "4989555010",
        "service_number": "498946134180",
        "service_name": "Hotline",
    }
    client = facts.pop("client", None) or a_client()
    return Callback.objects.create(client=client, **(defaults | facts))


def callbacks_due(count: int) -> list[Callback]:
    client = a_client()
    return [a_callback(client=client) for _ in range(count)]


def somebody_waits_for_a_lock() -> bool:
    """On PostgreSQL, and in this database."""
    sql = """
        SELECT EXISTS (
            SELECT 1 FROM pg_locks AS waits JOIN pg_locks AS has USING (pid)
            JOIN pg_database ON pg_database.oid = has.database
            WHERE NOT waits.granted AND datname = current_database()
        )"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])
