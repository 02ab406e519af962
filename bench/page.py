"""How soon every open page shows what happens at the machine, measured in the browser itself."""

import json
import os
import statistics
import subprocess
import sys

import contestants
import measured

FRONTEND = contestants.ROOT / "frontend"
VIEWS = ["guest", "host", "wall"]
# What the page is held to, in ms.
MARKS = [("started to shown", 150), ("lifted to shown", 300)]


def measure(folder, rounds):
    """The delays in ms, by event and page."""
    file = folder / "latency.json"
    run = subprocess.run(
        ["npm", "--prefix", FRONTEND, "run", "--silent", "latency"],
        env=os.environ | {"LATENCY_FILE": str(file), "LATENCY_ROUNDS": str(rounds)},
        capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"bench: the browser's measurement failed:\n{run.stdout}{run.stderr}")
    return complete(json.loads(file.read_text()))


def complete(found):
    """What was found; the bench ends here if something of it is missing or took no time at all."""
    for name in ["round trip", *(f"{event}, {view}" for event, _ in MARKS for view in VIEWS)]:
        measured.every(f"page, {name},", found.get(name, []))
    return found


def tell(found, rounds):
    """Prints the table; returns the marks as (what, met, found)."""
    unit = statistics.median(found["round trip"])
    print(f"\nIn the browser, {rounds} pours a view; one page open at a time. A request of a page "
          f"to the server and back takes {unit:.1f} ms (median) in the same run: ×.")
    print("\n| from, to | median ms | worst ms | median × |")
    print("| --- | ---: | ---: | ---: |")
    for name, delays in found.items():
        middle = statistics.median(delays)
        print(f"| {name} | {middle:.0f} | {max(delays):.0f} | {middle / unit:.1f} |")
    marks = []
    for event, mark_ms in MARKS:
        worst = max(max(delays) for name, delays in found.items()
                    if name.startswith(event))
        marks.append((f"{event} ≤ {mark_ms} ms, every page, every pour", worst <= mark_ms,
                      f"{worst:.0f} ms at worst"))
    return marks
