"""Messages to a webhook: JSON, signed. The one place outside of Salesforce's client that talks HTTP.

Received is what a 2xx answers, within a time that counts for everything together. Redirects are
not followed, and nothing of the answer but its status is read.
"""

import hashlib
import hmac
import time
from typing import Any

import orjson
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from callbacks.deadline import TIMED_POOLS
from callbacks.models import AlertMessage

SECONDS = 10.0
RECEIVED = range(200, 300)


class _TimedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = dict(TIMED_POOLS)


def post(message: AlertMessage) -> None:
    try:
        status = _posted(_body(message), str(message.key))
    except (requests.RequestException, HTTPError, OSError) as error:
        AlertMessage.objects.put_off(message, type(error).__name__)
        return
    if status in RECEIVED:
        AlertMessage.objects.mark_sent(message)
    else:
        AlertMessage.objects.put_off(message, f"HTTP {status}")


def signature(body: bytes, at: int) -> str:
    """Over the time too, so that what somebody overheard is worth nothing later."""
    secret = settings.ALERT_WEBHOOK_SECRET.encode()
    digest = hmac.new(secret, b"%d.%b" % (at, body), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _body(message: AlertMessage) -> bytes:
    """`text` is what chat programs show."""
    return orjson.dumps(
        {
            "id": str(message.key),
            "created_at": message.created_at,
            "text": f"{message.subject}\n\n{message.text}",
            **message.content,
        }
    )


def _posted(body: bytes, key: str) -> int:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "jtelbridge/1",
        "X-Jtelbridge-Id": key,
        "X-Jtelbridge-Signature": signature(body, int(time.time())),
    }
    with requests.Session() as session:
        session.trust_env = False  # else a variable can replace certificates or add a proxy
        for scheme in ("https://", "http://"):  # the settings take http for loopback only
            session.mount(scheme, _TimedAdapter())
        timeout: Any = Timeout(total=SECONDS)  # handed on to urllib3 as it is
        url = settings.ALERT_WEBHOOK_URL
        with session.post(
            url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        ) as answer:
            return answer.status_code
