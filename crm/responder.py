"""What an accepted request is answered, with what Salesforce knows."""

from callbacks.intake import Accepted
from callbacks.responders import Answer, stored


def respond(accepted: Accepted, *, began: float) -> Answer:
    return stored(accepted, began=began)
