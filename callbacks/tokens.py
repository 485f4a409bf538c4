"""Access tokens: random, stored as SHA-256, and known without the database after a first look.

What makes a token valid is its row. Its signature only tells a process what was never issued, so
that guessed tokens cost neither a query nor a place in memory.
"""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer

from callbacks.models import AccessToken, AcdClient
from callbacks.models.acd_client import digest

PREFIX = "jtb_"  # tells people, and what searches files for secrets, what they found
REMEMBERED = 10_000  # by each process, a few megabytes at most
SEPARATOR = "."  # in no secret of a client

_signer = Signer(salt="callbacks.tokens", sep=SEPARATOR)


class Grant(NamedTuple):
    """What a token stands for. It holds while the client has this secret and generation."""

    secret_digest: str
    generation: int
    created_at: datetime
    expires_at: datetime


def looks_like_one(text: str) -> bool:
    return text.startswith(PREFIX) and SEPARATOR in text


def issue(client: AcdClient, *, secret: str, generation: int, now: datetime) -> str:
    """A new token for who signed in with this secret. Stored when it returns, told only once."""
    token = _signer.sign(PREFIX + secrets.token_urlsafe(32))
    AccessToken.objects.create(
        digest=digest(token),
        client=client,
        secret_digest=digest(secret),
        generation=generation,
        created_at=now,
        expires_at=now + timedelta(minutes=settings.ACD_TOKEN_MINUTES),
    )
    return token


def recognise(token: str, now: datetime) -> Grant | None:
    """What the token stands for, unless it was never issued or has expired."""
    try:
        grant = _stored(token)
    except BadSignature:
        return None
    return grant if grant and now < grant.expires_at else None


@lru_cache(maxsize=REMEMBERED)
def _stored(token: str) -> Grant | None:
    """From the database, once a process: rows never change. An exception is not remembered."""
    _signer.unsign(token)
    rows = AccessToken.objects.filter(digest=digest(token))
    row = rows.values_list(*Grant._fields).first()
    return Grant(*row) if row else None
