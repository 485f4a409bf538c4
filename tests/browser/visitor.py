from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
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

READ_EVERYTHING = """
const words = [];
const skipped = "script, style, code, pre, .material-symbols-outlined";
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(skipped)) words.push(walk.currentNode.data);
}
for (const name of ["title", "placeholder", "aria-label", "data-label"]) {
    document.querySelectorAll(`[${name}]`).forEach((e) => words.push(e.getAttribute(name)));
}
return [document.title, ...words].map((w) => w.trim()).filter(Boolean).join("\\n");
"""


@dataclass
class Visitor:
    """Who sits at the browser: opens, reads, presses."""

    chrome: Chrome
    server: str
    screenshots: Path | None = None

    def speaks(self, language: str) -> None:
        self.chrome.add_cookie({"name": settings.LANGUAGE_COOKIE_NAME, "value": language})

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
            self.screenshots.mkdir(parents=True, exist_ok=True)
            language = self.runs("return document.documentElement.lang")
            self.chrome.save_screenshot(str(self.screenshots / f"{name}.{language}.png"))

    def sees(self, selector: str) -> WebElement:
        wait = WebDriverWait(self.chrome, 10)
        return wait.until(element_to_be_clickable((By.CSS_SELECTOR, selector)))

    def presses(self, selector: str) -> None:
        """Once it is there; again if the page changed between the look and the press."""
        passing = [StaleElementReferenceException, ElementClickInterceptedException]
        wait = WebDriverWait(self.chrome, 10, ignored_exceptions=passing)
        wait.until(lambda _: self._pressed(selector))

    def _pressed(self, selector: str) -> bool:
        self.sees(selector).click()
        return True

    def types(self, selector: str, text: str) -> None:
        self.sees(selector).send_keys(text)

    def keys(self, *keys: str) -> None:
        ActionChains(self.chrome).send_keys(*keys).perform()

    def tabs_to(self, selector: str) -> bool:
        """Press Tab until the focus is there, or came round."""
        for _ in range(80):
            self.keys(Keys.TAB)
            if self.runs("return document.activeElement.matches(arguments[0])", selector):
                return True
        return False

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
