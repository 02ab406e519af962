"""What a glance can miss: length, left-over marks, headers without a word, download addresses."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import house  # noqa: E402

# Beyond this a file surely has more than one subject; below, its subject says how long it is.
LINES_MAX = 700
COLUMNS_MAX = 100

CODE = house.CPP | house.WEB | {".py", ".sh", ".cmake", ".mjs", ".css", ".lua"}
PROGRAMS = {"dev", ".ci/run"}

# A list of utility classes, or a sentence, is one string: breaking it would only hide its length.
UNBREAKABLE = re.compile(r'"[^"]{60,}"')

# Spelled so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
SLEEPS = re.compile(
    r"\b(sleep_" r"for|uslee" r"p|time\.sle" r"ep|asyncio\.sle" r"ep|waitFor" r"Timeout)\b")
# Server and machine take no order that calls itself a form, as curl's -d does by itself.
FORM = re.compile(r"\bcurl\b(?=.*/(?:dispense|service|calibration)\b)(?=.*\s(?:-d|--data)\b)"
                  r"(?!.*application/json)")
# On a board: what follows, in its function, once a held request is given back to ESP-IDF's server.
# By then its descriptor may be another connection's.
GIVEN_BACK = re.compile(r"httpd_req_async_handler_complete\([^;]*;(?P<after>.*?)^}", re.S | re.M)
BY_DESCRIPTOR = re.compile(
    r"\b(shutdown|close|send|recv|setsockopt|httpd_(?:sess|socket|req|resp|queue)\w*)\(")
CLOSED_BY_NUMBER = re.compile(r"\bhttpd_sess_trigger_close\(")
ADDRESS = re.compile(r'"resolved":\s*"https?:|\bregistry\s*=')


def is_code(relative):
    return (relative.suffix in CODE or relative.as_posix() in PROGRAMS
            or relative.name == "CMakeLists.txt")


def is_cmake(relative):
    """CMake's lists of flags and patterns cannot always be broken."""
    return relative.suffix == ".cmake" or relative.name == "CMakeLists.txt"


def violations(root):
    """One sentence per untidiness below `root`."""
    for relative, path in house.files(root):
        place = relative.as_posix()
        if relative.name in {"package-lock.json", ".npmrc"}:
            yield from _lock_file(place, path.read_text())
        if relative.suffix in {".md", ".sh"}:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if FORM.search(line):
                    yield f"{place}:{number}: sends a form: say --json"
        if not is_code(relative):
            continue
        text = path.read_text()
        yield from _lines(place, text.splitlines(), COLUMNS_MAX if not is_cmake(relative) else None)
        if relative.suffix == ".hpp":
            yield from _header(place, text)
        if place.startswith("firmware/esp32/main/"):
            yield from _descriptors(place, text)
        if house.is_test(relative):
            for number, line in enumerate(text.splitlines(), 1):
                if SLEEPS.search(line):
                    yield f"{place}:{number}: a test waits to be told, it does not sleep"
        if relative.suffix == "" and relative.name != "CMakeLists.txt":
            if "set -euo pipefail" not in text:
                yield f"{place}: a program in bash says set -euo pipefail"


def _lines(place, lines, columns_max):
    if len(lines) > LINES_MAX:
        yield f"{place}: {len(lines)} lines, more than {LINES_MAX}: has it still one subject?"
    for number, line in enumerate(lines, 1):
        if columns_max is not None and len(line) > columns_max and not UNBREAKABLE.search(line):
            yield f"{place}:{number}: {len(line)} columns, more than {columns_max}"
        if UNFINISHED.search(line):
            yield f"{place}:{number}: unfinished: {line.strip()}"


def _header(place, text):
    if "#pragma once\n" not in text:
        yield f"{place}: a header says #pragma once"
    if not text.startswith("//"):
        yield f"{place}: a header opens with a comment that says what it is"


def _descriptors(place, text):
    for given in GIVEN_BACK.finditer(text):
        if BY_DESCRIPTOR.search(given["after"]):
            yield f"{place}: uses a connection that it has given back"
    if CLOSED_BY_NUMBER.search(text):
        yield f"{place}: closes whatever has that number by then: shut it down while it is ours"


def _lock_file(place, text):
    if ADDRESS.search(text):
        yield f"{place}: names the address packages come from"


if __name__ == "__main__":
    found = list(violations(sys.argv[1] if len(sys.argv) > 1 else house.ROOT))
    print("\n".join(found) if found else "all tidy")
    sys.exit(1 if found else 0)
