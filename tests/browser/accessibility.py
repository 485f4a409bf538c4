"""What axe-core finds wrong on the page that is open, in both themes."""

from typing import Any

from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome

SCRIPT: str = Axe().axe_script
GRAVE = {"serious", "critical"}
# This axe reads rgb() alone and gives up on oklch(), so the browser works such colours out for it.
IN_RGB = """
const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const known = new Map();
const rgb = (colour) => {
    if (!known.has(colour)) {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
        known.set(colour, `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`);
    }
    return known.get(colour);
};
const read = (value) => typeof value === "string" && value.includes("(")
    ? value.replace(/\\b(oklch|oklab|lab|lch|color)\\([^()]*\\)/g, rgb) : value;
const asComputed = window.getComputedStyle;
window.getComputedStyle = (...asked) => new Proxy(asComputed(...asked), {
    get: (style, name) => name === "getPropertyValue"
        ? (property) => read(style.getPropertyValue(property)) : read(style[name]),
});
"""
# Rows of a list are alike; a handful stands for all.
FEW_ROWS = "document.querySelectorAll('#result_list tbody:nth-of-type(n+4)').forEach((row) => row.remove())"
RUN = """
const answer = arguments[arguments.length - 1];
axe.run({ include: [["html"]], ...arguments[0] }, arguments[1]).then((found) => answer({
    violations: found.violations.map((each) => ({
        id: each.id, impact: each.impact, nodes: each.nodes.map((node) => node.html),
    })),
    looked: found.passes.concat(found.violations).map((each) => each.id),
}));
"""


def violations(chrome: Chrome, *, colours: bool = True, frame: bool = True) -> list[str]:
    """Everything serious or critical; contrast in both themes, the rest knows none.

    `frame`: with the menu, which is the same on every page. The page is not what it was afterwards.
    """
    chrome.execute_script(SCRIPT + IN_RGB + FEW_ROWS)
    where = {} if frame else {"exclude": [["#nav-sidebar"]]}
    found = _grave(_run(chrome, where, {"rules": {"color-contrast": {"enabled": False}}}), "")
    for theme in ("light", "dark") if colours else ():
        chrome.execute_script("document.documentElement.className = arguments[0]", theme)
        result = _run(chrome, where, {"runOnly": ["color-contrast"]})
        assert result["looked"], "no colour was compared"
        found += _grave(result, theme)
    return found


def _run(chrome: Chrome, where: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    options["resultTypes"] = ["violations"]
    result: dict[str, Any] = chrome.execute_async_script(RUN, where, options)
    return result


def _grave(result: dict[str, Any], theme: str) -> list[str]:
    return [
        f"{each['id']} {theme}: {node[:300]}"
        for each in result["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
