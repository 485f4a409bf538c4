from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import element_to_be_clickable
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser import pictures

# What others said is no language of ours: templates mark it by these elements and by `translate`.
READ_EVERYTHING = """
const words = [];
const skipped = "script, style, code, pre, textarea, [translate=no], .material-symbols-outlined";
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(skipped)) words.push(walk.currentNode.data);
}
for (const name of ["title", "placeholder", "aria-label", "data-label", "alt"]) {
    document.querySelectorAll(`[${name}]`).forEach((element) => {
        if (!element.closest("[translate=no]")) words.push(element.getAttribute(name));
    });
}
return [document.title, ...words].map((w) => w.trim()).filter(Boolean).join("\\n");
"""


@dataclass
class Visitor:
    """Who sits at the browser: opens, reads, presses."""

    chrome: Chrome
    server: str
    screenshots: Path | None = None

    def signs_in(self, user: User) -> Client:
        """Without the form; returns a client that is signed in as well."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self._remembers(name, client.cookies[name].value)
        return client

    def speaks(self, language: str) -> None:
        self._remembers(settings.LANGUAGE_COOKIE_NAME, language)

    def _remembers(self, name: str, value: str) -> None:
        cookie = {"name": name, "value": value, "url": self.server}
        self.chrome.execute_cdp_cmd("Network.setCookie", cookie)

    def sized(self, width: int, height: int = 720) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def opens(self, path: str) -> None:
        self.chrome.get(self.server + path)
        self.sees("body")
        self.photographs(path.strip("/").replace("/", "-").replace("?", "-"))

    def photographs(self, name: str) -> None:
        """What the browser shows, if somebody asked for screenshots."""
        if self.screenshots:
            language = self.runs("return document.documentElement.lang")
            pictures.take(self.chrome, self.screenshots / f"{name}.{language}.png")

    def sees(self, selector: str) -> WebElement:
        wait = WebDriverWait(self.chrome, 10)
        return wait.until(element_to_be_clickable((By.CSS_SELECTOR, selector)))

    def presses(self, selector: str) -> None:
        """Once it is there; again if the page changed between the look and the press."""
        passing = [StaleElementReferenceException, ElementClickInterceptedException]
        wait = WebDriverWait(self.chrome, 10, ignored_exceptions=passing)
        wait.until(lambda _: self._pressed(selector))

    def _pressed(self, selector: str) -> bool:
        found = self.sees(selector)
        self.runs("arguments[0].scrollIntoView({block: 'center'})", found)  # under no bar
        found.click()
        return True

    def types(self, selector: str, text: str) -> None:
        self.sees(selector).send_keys(text)

    def keys(self, *keys: str) -> None:
        ActionChains(self.chrome).send_keys(*keys).perform()

    def keys_with(self, held: str, *keys: str) -> None:
        actions = ActionChains(self.chrome)
        actions.key_down(held).send_keys(*keys).key_up(held).perform()

    def tabs_to(self, selector: str) -> bool:
        """Press Tab until the focus is there, or came round."""
        for _ in range(80):
            self.keys(Keys.TAB)
            if self.runs("return document.activeElement.matches(arguments[0])", selector):
                return True
        return False

    def is_at(self, selector: str) -> bool:
        """Whether the focus is there, or inside of it."""
        return bool(self.runs("return !!document.activeElement.closest(arguments[0])", selector))

    def comes_to(self, selector: str) -> None:
        """Wait until the focus is there, or inside of it."""
        WebDriverWait(self.chrome, 10).until(lambda _: self.is_at(selector))

    def reads(self) -> str:
        return str(self.runs(READ_EVERYTHING))

    def runs(self, script: str, *arguments: Any) -> Any:
        return self.chrome.execute_script(script, *arguments)

    def waits_until(self, script: str) -> None:
        WebDriverWait(self.chrome, 10).until(lambda _: self.runs(f"return {script}"))

    def complaints(self) -> list[str]:
        """What the browser's console says since it was last asked."""
        entries = self.chrome.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] in {"WARNING", "SEVERE"}]
