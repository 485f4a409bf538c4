"""Record ids: 15 case-sensitive characters, or 18 that survive a case-insensitive world."""

import string

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKSUM = string.ascii_uppercase + "012345"
INSTANCE = "8d0"
SHORT, LONG = 15, 18


def checksum(short: str) -> str:
    """Give the three characters that tell which of the 15 are upper case (D)."""
    bits = ["1" if "A" <= c <= "Z" else "0" for c in short]
    chunks = ("".join(reversed(bits[i : i + 5])) for i in (0, 5, 10))
    return "".join(CHECKSUM[int(chunk, 2)] for chunk in chunks)


def make(prefix: str, number: int) -> str:
    """Give the 18-character id of the nth record of a kind."""
    tail = ""
    for _ in range(SHORT - len(prefix) - len(INSTANCE)):
        number, digit = divmod(number, 62)
        tail = DIGITS[digit] + tail
    short = prefix + INSTANCE + tail
    return short + checksum(short)


def lengthen(text: object) -> str | None:
    """Give the 18-character form of a well-formed id, None for anything else."""
    if not isinstance(text, str) or not (text.isascii() and text.isalnum()):
        return None
    if len(text) == SHORT:
        return text + checksum(text)
    if len(text) == LONG:
        return recase(text)
    return None


def recase(text: str) -> str | None:
    """Restore the letter case of an 18-character id from its checksum."""
    masks = [CHECKSUM.find(c.upper()) for c in text[SHORT:]]
    if min(masks) < 0:
        return None
    chars = [
        c.upper() if masks[i // 5] >> (i % 5) & 1 else c.lower() for i, c in enumerate(text[:SHORT])
    ]
    return "".join(chars) + text[SHORT:].upper()


def shorten(long_id: str) -> str:
    """Give the 15-character form, as error messages show it (3)."""
    return long_id[:SHORT]
