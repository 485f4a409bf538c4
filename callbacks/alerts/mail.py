"""Messages by e-mail: plain text, one for each receiver, over one connection."""

from collections.abc import Iterable
from contextlib import suppress
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from callbacks.models import AlertMessage

# The connection goes on.
OF_ONE_MESSAGE = (SMTPRecipientsRefused, SMTPResponseException, ValueError)
LONGEST_WORDS = 200


def send(messages: Iterable[AlertMessage]) -> None:
    """A server that is away is asked once; it is tried again when they fall due again."""
    server = get_connection()
    try:
        for message in messages:
            if not _sent(server, message):
                break
    finally:
        with suppress(OSError):  # it is gone already
            server.close()


def _sent(server: Any, message: AlertMessage) -> bool:
    """False if there is no point in trying another one now.

    All of SMTP's errors are OSErrors; a ValueError says that this one cannot be mailed.
    """
    try:
        server.open()
    except OSError as error:
        AlertMessage.objects.put_off(message, _reason(error))
        return False
    try:
        server.send_messages([_as_mail(message)])
    except (OSError, ValueError) as error:
        AlertMessage.objects.put_off(message, _reason(error))
        return isinstance(error, OF_ONE_MESSAGE)
    AlertMessage.objects.mark_sent(message)
    return True


def _as_mail(message: AlertMessage) -> EmailMessage:
    """If it goes out twice, it is known to be the same by its id."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    headers = {
        "Message-ID": f"<{message.key}.{message.pk}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(message.subject, message.text, to=[message.receiver], headers=headers)


def _reason(error: OSError | ValueError) -> str:
    """The server's words where there are some, else those of the operating system."""
    said: tuple[int, bytes | str]
    if isinstance(error, SMTPRecipientsRefused):
        said = next(iter(error.recipients.values()))
    elif isinstance(error, SMTPResponseException):
        said = (error.smtp_code, error.smtp_error)
    else:
        return getattr(error, "strerror", None) or type(error).__name__
    code, words = said
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {text}"[:LONGEST_WORDS]
