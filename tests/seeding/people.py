"""Who works here, one of each role."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, User

from tests.factories import PASSWORD


@dataclass(frozen=True)
class Staff:
    chief: User
    administrator: User
    clerk: User
    viewer: User


def staff() -> Staff:
    viewer = _person("karl.sommer", "Karl", "Sommer")
    chief = _person("petra.lindner", "Petra", "Lindner", is_superuser=True)
    administrator = _person("jonas.weber", "Jonas", "Weber")
    clerk = _person("selin.aydin", "Selin", "Aydin")
    administrator.groups.add(Group.objects.get(name="Administrators"))
    clerk.groups.add(Group.objects.get(name="Back office"))
    viewer.groups.add(Group.objects.get(name="Viewer"))
    return Staff(chief, administrator, clerk, viewer)


def _person(name: str, first: str, last: str, **more: bool) -> User:
    return User.objects.create_user(
        username=name,
        password=PASSWORD,
        email=f"{name}@example.org",
        first_name=first,
        last_name=last,
        is_staff=True,
        **more,
    )
