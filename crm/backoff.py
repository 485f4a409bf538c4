"""How long to wait, in seconds. Pure: chance is handed in as a number from 0 to 1."""

ROW_BASE, ROW_CAP = 5.0, 600.0
ORG_BASE, ORG_CAP = 1.0, 60.0
QUOTA_PAUSE = 600.0  # one cheap look every ten minutes


def full_jitter(
    failures: int, chance: float, *, base: float = ROW_BASE, cap: float = ROW_CAP
) -> float:
    """Anything up to the doubled wait, so that rows that failed together do not return together."""
    return chance * min(cap, base * 2.0 ** min(failures, 30))


def for_org(troubles: int, chance: float) -> float:
    """Between half and all of the doubled wait: the org is not asked again at once."""
    return (0.5 + chance / 2) * min(ORG_CAP, ORG_BASE * 2.0 ** min(troubles, 30))
