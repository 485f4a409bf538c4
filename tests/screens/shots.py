"""What is taken, and under which names. Runs inside of a configured program."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import resolve
from django.utils import timezone

from callbacks.models import AcdClient, Callback, JobRun, Replay, ReplayItem, StaffAction
from tests import seeding
from tests.browser import chrome, pictures
from tests.browser.visitor import Visitor
from tests.pages import KINDS, pages
from tests.processes import ROOT

FOLDER = ROOT / "docs/screens"
LANGUAGES = ("de", "en")
# A few in dark as well; the sheet is the same for all.
DARK = {"overview", "callback-list", "callback-failed", "failedsync-list", "functionroute-page"}
# Of what all models have alike, one is enough.
NAMES = {
    "index": "overview",
    "app_list": "",
    "callbacks_held_route": "held-route",
    "callbacks_held_release": "held-release",
    "callbacks_held_dismiss": "held-dismiss",
}
VIEWS = {"callback-list-failed", "callback-list-held", "callback-list-q", "finding-list-mended_at"}
SHORT = {"changelist": "list", "change": ""}
ONCE = {"history": "functionroute", "delete": "functionroute"}
A_DAY = 900


def take(url: str, folder: str, wanted: str) -> None:
    AcdClient.objects.all().delete()  # of tests
    seeding.everything(a_day=A_DAY)
    with chrome.running(Path(folder) / "chromium") as driver:
        visitor = Visitor(driver, url)
        visitor.sized(1280)
        chief = User.objects.get(username="petra.lindner")
        browser = visitor.signs_in(chief)
        named = [(page, name) for page, name in _named(pages(browser)) if wanted in name]
        for page, name in named:
            StaffAction.objects.filter(person=chief).delete()  # whose pages the pictures looked at
            _goes_on()
            _in_each_look(visitor, page, name)


def _goes_on() -> None:
    """As if somebody were at work meanwhile: pictures take minutes."""
    now = timezone.now()
    JobRun.objects.filter(job__in=["crm.tasks.push_due", "callbacks.tasks.send_replayed"]).update(
        finished_at=now, rung_at=now
    )
    Callback.objects.due().update(due_at=now)
    sent = ReplayItem.objects.filter(replay__state=Replay.State.RUNNING, outcome="synced")
    sent.update(sent_at=now)


def _in_each_look(visitor: Visitor, page: str, name: str) -> None:
    for language in LANGUAGES:
        visitor.speaks(language)
        _take(visitor, page, f"{name}.{language}")
    if name in DARK:
        visitor.speaks("de")
        visitor.runs("localStorage.setItem('adminTheme', '\"dark\"')")
        _take(visitor, page, f"{name}.dark.de")
        visitor.runs("localStorage.removeItem('adminTheme')")


def _take(visitor: Visitor, page: str, name: str) -> None:
    visitor.opens(page)
    visitor.waits_until("document.fonts.status === 'loaded'")
    pictures.take(visitor.chrome, FOLDER / f"{name}.png")
    print(f"docs/screens/{name}.png")  # noqa: T201 - a command


def _named(addresses: list[str]) -> Iterator[tuple[str, str]]:
    """Each page under a name of its own, without those that look like another."""
    taken: set[str] = set()
    for address in addresses:
        name = _name(address)
        is_alike = "-list-" in name and name not in VIEWS
        if name and name not in taken and not is_alike:
            taken.add(name)
            yield address, name


def _name(address: str) -> str:
    """What it shows, of which model, and of which kind; empty if there is a picture like it."""
    match = resolve(urlsplit(address).path)
    view = match.view_name.removeprefix("admin:")
    model = next((m for m in admin.site._registry if view.startswith(_prefix(m))), None)
    if model is None:
        return NAMES.get(view, view)
    verb, name = view.removeprefix(_prefix(model)), str(model._meta.model_name)
    if ONCE.get(verb, name) != name:
        return ""
    kind = _kind(model, match.kwargs) if verb == "change" else ""
    return "-".join(filter(None, [name, SHORT.get(verb, verb), kind, *_asked(address)]))


def _prefix(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_"


def _kind(model: type[Model], which: dict[str, str]) -> str:
    record = model._default_manager.get(pk=which["object_id"])
    kind = next((str(getattr(record, name)) for name in KINDS if hasattr(record, name)), "")
    return kind or "page"


def _asked(address: str) -> Iterator[str]:
    query = parse_qsl(urlsplit(address).query)
    if len(query) > 1:
        yield "filled"
        return
    for key, value in query:
        name, _, _ = key.partition("__")
        yield value if name in KINDS else name
