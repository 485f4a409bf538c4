"""Whatever length an ACD sends: it is taken, and the payload keeps all of it."""

import base64
import random

import pytest

from callbacks.models import Callback
from tests.callbacks.test_webhook import Acd

pytestmark = pytest.mark.django_db

LONG = base64.b64encode(random.Random(1).randbytes(6_000)).decode()  # which no index can shorten


@pytest.mark.parametrize("field", ["CallerID", "CallbackNumber", "ServiceNumber", "Function"])
def test_a_text_too_long_for_an_index_is_kept_in_the_payload(field: str) -> None:
    fields = {"CallerID": "4989555010", field: LONG}
    assert Acd().post(fields).status_code in {200, 404}
    assert Callback.objects.get().payload == fields
