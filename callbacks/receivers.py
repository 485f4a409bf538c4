"""What follows at once, in this process, from a change of configuration."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from callbacks.authentication import clients_by_digest
from callbacks.models import AcdClient, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.routing import release_routed, route_table
from callbacks.zones import zones_by_client


@receiver([post_save, post_delete], sender=AcdClient)
def forget_clients(**_: Any) -> None:
    transaction.on_commit(clients_by_digest.expire)
    transaction.on_commit(zones_by_client.expire)


@receiver([post_save, post_delete], sender=FunctionRoute)
@receiver([post_save, post_delete], sender=FieldMapping)
@receiver([post_save, post_delete], sender=ServiceNumber)
def forget_routes(**_: Any) -> None:
    transaction.on_commit(route_table.expire)


@receiver(post_save, sender=FunctionRoute)
def release_held(**_: Any) -> None:
    transaction.on_commit(release_routed)
