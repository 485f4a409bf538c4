"""Which versions of the API this org speaks, and what a version offers."""

from .calls import DATA, Answer, Call
from .errors import ApiError, not_found
from .org import Org

OLDEST, NEWEST = 46, 68
RETIRED = range(21, 31)
UNSPOKEN = range(31, OLDEST)
SEASONS = ("Winter", "Spring", "Summer")
RESOURCES = (
    "composite", "limits", "parameterizedSearch", "query", "queryAll", "search", "sobjects",
)  # fmt: skip


def listed() -> list[dict[str, str]]:
    """List all versions, oldest first (D)."""
    return [
        {"label": label(n), "url": f"{DATA}/v{n}.0", "version": f"{n}.0"}
        for n in range(OLDEST, NEWEST + 1)
    ]


def label(version: int) -> str:
    """Name a version's release: 68 is Winter '27, three a year (D)."""
    behind = NEWEST - version
    season = SEASONS[-behind % 3]
    year = 27 - (behind + 2) // 3 if season != "Winter" else 27 - behind // 3
    return f"{season} '{year}"


def refuse_unspoken(version: str) -> None:
    """Refuse versions that are retired (D for 410, M for the code), not simulated, or unknown (3)."""
    number = int(version[:-2]) if version.endswith(".0") and version[:-2].isdigit() else 0
    if number in RETIRED:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", "The requested version is retired")
    if number in UNSPOKEN:
        message = f"this simulated org speaks v{OLDEST}.0 to v{NEWEST}.0 only"
        raise ApiError(501, "NOT_IMPLEMENTED", message)
    if not OLDEST <= number <= NEWEST:
        raise not_found()


def resources(_org: Org, call: Call) -> Answer:
    """GET /services/data/vX."""
    return Answer(200, {name: f"{call.data_url}/{name}" for name in RESOURCES})


def limits(org: Org, _call: Call) -> Answer:
    """GET /limits."""
    most, used = org.behaviour.daily_limit, org.calls.used
    storage = {"Max": 1024, "Remaining": 1000}
    return Answer(
        200,
        {
            "DailyApiRequests": {"Max": most, "Remaining": max(most - used, 0)},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DataStorageMB": storage,
            "FileStorageMB": storage,
        },
    )


def record_count(org: Org, call: Call) -> Answer:
    """GET /limits/recordCount?sObjects=A,B: living records, roughly as the org counts."""
    wished = [n for n in call.query.get("sObjects", "").split(",") if n]
    names = [n for n in call.work.schema.sobjects if not wished or n in wished]
    counted = [
        {"count": org.store.value(f'SELECT COUNT(*) FROM "{n}" WHERE IsDeleted = 0'), "name": n}
        for n in names
    ]
    return Answer(200, {"sObjects": counted})
