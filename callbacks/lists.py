"""How the list of callbacks is asked for in an address: pages lead there, and messages."""

STATE_PARAMETER = "status__exact"
UNSERVED = "unserved"  # in place of a state: all who wait for an answer
NO_NUMBER = "-"


def unserved(service_number: str | None = None) -> dict[str, str]:
    """Who waits for an answer, of all service numbers or of one; some callbacks came with none."""
    of_all = {STATE_PARAMETER: UNSERVED}
    if service_number is None:
        return of_all
    return of_all | {"service_number": service_number or NO_NUMBER}
