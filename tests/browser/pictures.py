"""What the browser shows as a PNG of at most 256 colours: a third of the size, and looks the same."""

import base64
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

# The most frequent colours are kept, and each of the others becomes the nearest of these.
REDUCE = """
const [image, answer] = [new Image(), arguments[arguments.length - 1]];
image.onload = () => {
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
    const counts = new Map();
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    const kept = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
    const parts = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
    const palette = kept.map(parts);
    const distance = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
    const nearest = (colour) => {
        const [wanted, best] = [parts(colour), { at: 0, far: Infinity }];
        palette.forEach((each, at) => {
            const far = distance(wanted, each);
            if (far < best.far) Object.assign(best, { at, far });
        });
        return best.at;
    };
    const places = new Map();
    for (const colour of counts.keys()) places.set(colour, nearest(colour));
    let text = "";
    for (const pixel of pixels) text += String.fromCharCode(places.get(pixel));
    answer({ width: image.width, height: image.height, palette, pixels: btoa(text) });
};
image.src = "data:image/png;base64," + arguments[0];
"""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
BY_PALETTE = (8, 3, 0, 0, 0)  # bits a pixel, kind of colour, and three ways of which there is one


def take(chrome: Chrome, file: Path) -> None:
    taken = chrome.get_screenshot_as_base64()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(png(chrome.execute_async_script(REDUCE, taken)))


def png(image: dict[str, Any]) -> bytes:
    width, height = image["width"], image["height"]
    pixels = base64.b64decode(image["pixels"])
    lines = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    palette = bytes(part for colour in image["palette"] for part in colour)
    header = struct.pack(">IIBBBBB", width, height, *BY_PALETTE)
    parts = {b"IHDR": header, b"PLTE": palette, b"IDAT": zlib.compress(lines, 9), b"IEND": b""}
    return SIGNATURE + b"".join(part for name, data in parts.items() for part in _chunk(name, data))


def _chunk(name: bytes, data: bytes) -> Iterator[bytes]:
    yield struct.pack(">I", len(data)) + name + data
    yield struct.pack(">I", zlib.crc32(name + data))
