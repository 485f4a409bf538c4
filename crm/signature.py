"""By what equal failures group: one correction mends all that have the same signature.

It is stored and shown, so it holds what is always the same of the org's words and nothing that
a caller said: neither record ids nor numbers, nothing in quotes, nothing that we sent.
"""

import re
from collections.abc import Collection

from crm.errors import for_log

LENGTH = 160  # of the column that keeps it
SHORTEST_ECHO = 4  # of what we sent; shorter texts are also part of ordinary words
# A rule's words are its own, and a small number in them may be all that tells two rules apart.
RULES = frozenset({"FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION"})

_GAPS = re.compile(r"\[(?:…|id|token)\]")
_NUMBER, _LONG_NUMBER = re.compile(r"\d+"), re.compile(r"\d{3,}")
_NUMBERS = re.compile(r"#(?:[ .,:/()-]*#)+")


def signature_of(
    code: str, message: str, *, fields: Collection[str] = (), sent: Collection[str] = ()
) -> str:
    """The code, the fields concerned, the message without what varies. At most 160 characters.

    `sent` are the texts that the org may have echoed.
    """
    for echo in sorted(sent, key=len, reverse=True):
        if len(echo) >= SHORTEST_ECHO:
            message = message.replace(echo, "…")
    number = _LONG_NUMBER if code in RULES else _NUMBER
    words = [
        word if "__" in word else number.sub("#", word)  # a field's name may hold a digit
        for word in _GAPS.sub("…", for_log(message)).split()
    ]
    constant = _NUMBERS.sub("#", " ".join(words))
    return " ".join(filter(None, [code, ",".join(sorted(fields)), constant]))[:LENGTH].strip()


def fields_in(signature: str) -> frozenset[str]:
    """The fields concerned, if it begins with some; whether it does, only their names can tell."""
    _code, _, rest = signature.partition(" ")
    return frozenset(rest.partition(" ")[0].split(",")) - {""}
