"""What fills the pages for walks and pictures is what the program itself could have written."""

import pytest

from callbacks.models import Callback
from tests import seeding

pytestmark = pytest.mark.django_db


def test_there_is_something_of_everything() -> None:
    seeding.everything()
    found = set(Callback.objects.values_list("status", flat=True))
    assert found == set(Callback.Status.values)
    assert Callback.objects.failed().values("failure_signature").distinct().count() > 2
