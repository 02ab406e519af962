"""Who may include whom. ARCHITECTURE.md tells why; this table is what holds it.

A room is a folder. A file belongs to the longest room its path starts with, and may include its
own room and what the table names for it, nothing else. Tests inside a room obey the room's own row
(a test that needs more of the house lives in tests/), but they may use clocks, files and threads.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import house  # noqa: E402

FIRMWARE_CORES = {"firmware/core", "firmware/hal"}
ADAPTERS = {"backend/routes", "backend/esp32", "backend/database"}

ROOMS = {
    "core": set(),
    "protocol": {"core"},
    "http": {"core"},
    "firmware/hal": {"core", "protocol"},
    "firmware/core": {"core", "protocol", "firmware/hal"},
    "firmware/testing": {"core"},
    "firmware/rv32": {"core", "protocol", "firmware/testing"} | FIRMWARE_CORES,
    "firmware/esp32/portable": {"core"} | FIRMWARE_CORES,
    "firmware/esp32": {"core", "protocol", "firmware/esp32/portable"} | FIRMWARE_CORES,
    "firmware/simulator/plant": {"core", "protocol"} | FIRMWARE_CORES,
    "firmware/simulator": {"core", "protocol", "http", "firmware/simulator/plant",
                           "firmware/esp32/portable"} | FIRMWARE_CORES,
    "backend/control": {"core", "protocol"},
    "backend/ledger": {"core", "protocol", "backend/control"},
    "backend/routes": {"core", "protocol", "http", "backend/control"},
    "backend/esp32": {"core", "protocol", "backend/control"},
    "backend/database": {"core", "protocol", "backend/control", "backend/ledger"},
    "backend/app": {"core", "protocol", "http", "backend/control"} | ADAPTERS,
    "simulation": {"core", "protocol", "backend/control", "backend/ledger",
                   "firmware/simulator/plant"}
    | FIRMWARE_CORES,
}
# What only the tests of a room may use besides: the same checks in both worlds.
FOR_TESTS = {"firmware/core": {"firmware/testing"}, "firmware/hal": {"firmware/testing"},
             "backend/control": {"backend/ledger"}, "backend/app": {"backend/ledger"}}
# These look at every room from outside.
OUTSIDE = {"tests", "bench"}

# What a pure room may not reach, for it would no longer be `handle(event, now) → effects`.
PURE = {"core", "protocol", "firmware/hal", "firmware/core", "firmware/esp32/portable",
        "backend/control", "backend/ledger", "firmware/simulator/plant"}
IMPURE_HEADERS = re.compile(
    r"^(boost/|asio|sqlite3|spdlog/|sodium|CLI/|toml\+\+|sys/|netinet/|arpa/|unistd\.h|time\.h"
    r"|(thread|mutex|shared_mutex|condition_variable|future|stop_token|random|fstream|iostream"
    r"|filesystem|ctime)$)")
CLOCKS = re.compile(
    r"\b(system|steady|high_resolution|utc)_clock\b\s*::\s*now|\bstd::(time|rand|clock)\s*\("
    r"|\b(gettimeofday|clock_gettime)\s*\(")

# Libraries with one home. (pattern of headers, where they may be included, why)
HOMES = [
    (re.compile(r"^(boost/|asio|sys/socket\.h|netinet/|arpa/)"),
     {"http", "backend/routes", "backend/esp32", "backend/app", "firmware/simulator"} | OUTSIDE,
     "sockets belong to the adapters"),
    (re.compile(r"^sqlite3"), {"backend/database"} | OUTSIDE, "SQLite belongs to backend/database"),
    (re.compile(r"^rapidjson/document\.h"), set(), "JSON is read and written by SAX only"),
    (re.compile(r"^(esp_|freertos/|driver/|soc/|lwip/|psa/|nvs|mdns|bootloader_|sdkconfig)"),
     {"firmware/esp32"},
     "Espressif's headers belong to firmware/esp32"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def room_of(path):
    """The room a path (relative to the root, with slashes) lives in, or None."""
    for room in sorted(list(ROOMS) + list(OUTSIDE), key=len, reverse=True):
        if path == room or path.startswith(room + "/") or (
                room.endswith("/plant") and path.startswith(room)):
            return room
    return None


def may_include(room, other, by_a_test):
    allowed = ROOMS.get(room, set()) | (FOR_TESTS.get(room, set()) if by_a_test else set())
    return other == room or room in OUTSIDE or other in allowed


def cpp_violations(root):
    """One sentence per broken rule in the C++ below `root`."""
    for relative, path in house.files(root, house.CPP):
        place = relative.as_posix()
        room = room_of(place)
        if room is None:
            yield f"{place}: lives in no room of the table"
            continue
        text = path.read_text()
        for bracket, header in INCLUDE.findall(text):
            if bracket == '"':
                yield from _own_header(root, relative, room, header)
            else:
                yield from _library_header(relative, room, header)
        if room in PURE and not house.is_test(relative):
            for hit in CLOCKS.finditer(COMMENT.sub("", text)):
                yield f"{place}: a pure room asks no clock and no dice, but here is '{hit.group()}'"


def _own_header(root, relative, room, header):
    place = relative.as_posix()
    if not (Path(root) / header).is_file():
        yield f'{place}: "{header}" is no file of the repository (paths start at its root)'
        return
    other = room_of(header)
    if other is None or not may_include(room, other, house.is_test(relative)):
        yield f'{place}: {room} may not include {other} ("{header}")'


def _library_header(relative, room, header):
    place = relative.as_posix()
    for pattern, homes, why in HOMES:
        if pattern.match(header) and room not in homes:
            yield f"{place}: <{header}>: {why}"
            return
    if room in PURE and not house.is_test(relative) and IMPURE_HEADERS.match(header):
        yield f"{place}: <{header}>: {room} is pure"


# The page. What is shared has layers: each may import itself and the layers named for it. On them
# stand the features (features/NAME), which never import each other; the files at the top of src/
# wire all. `types` derives its types from the schemas in `lib` that check them, by `import type`,
# which leaves no import behind in what runs.
PAGE = {
    "types": set(),
    "lib": {"types"},
    "hooks": {"types", "lib"},
    "components/ui": {"types", "lib"},
    "components": {"types", "lib", "hooks", "components/ui"},
}
FEATURE = re.compile(r"^features/[^/]+")
# Within a feature: a part may import what stands to its left, and beside it in its own set.
FEATURE_PARTS = ({"texts"}, {"lib", "api", "reads"}, {"hooks"}, {"components"})
TEST_HELPERS = {"test", "mocks"}
IMPORT = re.compile(
    r"""(?:^\s*(?:import|export)\b(\s+type\b)?[^'";]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*)"""
    r"""["']([^"']+)["']""", re.M)


def page_layer_of(path):
    """The layer of a path relative to frontend/src, or its feature; None for the files at its top."""
    feature = FEATURE.match(path)
    if feature:
        return feature.group()
    for layer in sorted(list(PAGE) + list(TEST_HELPERS), key=len, reverse=True):
        if path.startswith(layer + "/"):
            return layer
    return None


def page_violations(root):
    """One sentence per import that goes against the stream in the page below `root`."""
    source = Path(root) / "frontend" / "src"
    for relative, path in house.files(source, house.WEB):
        layer = page_layer_of(relative.as_posix())
        if layer is None or layer in TEST_HELPERS:
            continue
        for type_only, target in IMPORT.findall(path.read_text()):
            other = _page_target(relative, target)
            if other is None:
                continue
            other_layer = page_layer_of(other)
            if other_layer in TEST_HELPERS and house.is_test(relative):
                continue
            if layer == "types" and other_layer == "lib" and type_only:
                continue
            if other_layer == layer and FEATURE.match(layer):
                yield from _within_feature(relative, layer, other, target)
            elif other_layer != layer and other_layer not in PAGE.get(layer, PAGE):
                where = other_layer or "the top of src"
                yield f"frontend/src/{relative}: {layer} may not import {where} ('{target}')"


def _part_of(path, feature):
    """Where a path stands in FEATURE_PARTS."""
    part = re.split(r"[/.]", path[len(feature) + 1:])[0]
    return next((at for at, parts in enumerate(FEATURE_PARTS) if part in parts), None)


def _within_feature(relative, feature, other, target):
    place = relative.as_posix()
    mine, theirs = _part_of(place, feature), _part_of(other, feature)
    if mine is None:
        yield f"frontend/src/{place}: {feature} has no such part ({FEATURE_PARTS})"
    elif theirs is None or theirs > mine:
        yield f"frontend/src/{place}: a part may not import what stands above it ('{target}')"


def _page_target(relative, target):
    """The imported path relative to frontend/src, or None for a package."""
    if target.startswith("@/"):
        return target[2:]
    if not target.startswith("."):
        return None
    parts = list(relative.parent.parts)
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def violations(root):
    return [*cpp_violations(root), *page_violations(root)]


if __name__ == "__main__":
    found = violations(sys.argv[1] if len(sys.argv) > 1 else house.ROOT)
    print("\n".join(found) if found else "every layer keeps to its place")
    sys.exit(1 if found else 0)
