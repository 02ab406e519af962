"""A long evening in real time: many open pages, several taps, and a server that must stay as it is.

    party.py --minutes 30 --guests 300 --taps 4

Every guest's page is open all the time (the live stream); whoever's turn it is at a tap orders as
people do. Memory, open files, the write-ahead log and the time of an answer are looked at every few
seconds; the middle third of the evening is held against the last. Nothing may have grown.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import world as worlds
from client import LiveStream
from truth import LAST_WORDS

# A third may differ from the one before it by chance, and by what was never needed before.
MEMORY_GROWTH_MAX = 1.10
FILES_GROWTH_MAX = 8
LATENCY_GROWTH_MAX = 2.0
WAL_BYTES_MAX = 64 * 1024 * 1024
LOOK_EVERY_SECONDS = 5
# In a third: fewer say nothing of latency.
LOOKS_FOR_LATENCY = 20


class Page(threading.Thread):
    """A phone that shows the taps. It counts what it hears, and that it hears without a gap."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self._port, self.heard, self.broken = port, 0, None
        self.start()

    def run(self):
        try:
            with LiveStream(self._port, seconds=120) as stream:
                for _ in stream:
                    self.heard += 1
        except Exception as error:  # noqa: BLE001: the evening's end, or a finding: `Party` knows
            self.broken = error


class Queue(threading.Thread):
    """Who stands in line at one tap: a glass, an order, the pour, the next one."""

    def __init__(self, world, tap, guests, seed, over):
        super().__init__(daemon=True)
        self._world, self._tap, self._guests = world, tap, guests
        self._random, self._over = random.Random(seed), over
        self.poured, self.crash = 0, None
        self.start()

    def run(self):
        number = 0
        try:
            while not self._over.is_set():
                number += 1
                self._serve(f"{self._tap}-{number}")
        except Exception as error:  # noqa: BLE001: told by Party
            self.crash = error

    def _serve(self, key):
        user = f"guest{self._random.choice(self._guests)}"
        control = self._world.machines[self._tap].control
        control.glass(False)
        self._over.wait(self._random.uniform(1.1, 2))  # a new glass
        control.glass(True)
        self._over.wait(self._random.uniform(0.5, 1.5))
        told = self._world.ask(key, self._tap, user, self._random.choice((15, 15, 30, 30, 45, 60)))
        if told is None or told.code not in LAST_WORDS or told.code != "pouring":
            return
        if self._random.random() < 0.05:
            self._over.wait(self._random.uniform(0.3, 1.5))
            control.glass(False)
        while not (self._world.receipt(key) or {}).get("final"):
            self._over.wait(0.25)
        self.poured += 1


def look_at(server, database):
    """One look at the server from outside."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
    wal = Path(f"{database}-wal")
    began = time.monotonic()
    server.client.get("/api/status")
    middle = time.monotonic()
    server.client.get("/api/logs?limit=50")
    ended = time.monotonic()
    return {"memory_kb": resident,
            "files": len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())),
            "wal_bytes": wal.stat().st_size if wal.exists() else 0,
            "status_ms": (middle - began) * 1000, "log_ms": (ended - middle) * 1000}


def median(values):
    return sorted(values)[len(values) // 2]


def growth(looks):
    """What the last third has come to beside the middle one, and what of it is too much."""
    third = len(looks) // 3
    middle, last = looks[third:2 * third], looks[2 * third:]

    def of(part, name):
        return [look[name] for look in part]

    grown = {"memory": max(of(last, "memory_kb")) / max(of(middle, "memory_kb")),
             "files": max(of(last, "files")) - max(of(middle, "files")),
             "status": median(of(last, "status_ms")) / median(of(middle, "status_ms")),
             "log": median(of(last, "log_ms")) / median(of(middle, "log_ms")),
             "wal_bytes_max": max(of(looks, "wal_bytes"))}
    limits = {"memory": MEMORY_GROWTH_MAX, "files": FILES_GROWTH_MAX,
              "wal_bytes_max": WAL_BYTES_MAX}
    if third >= LOOKS_FOR_LATENCY:
        limits |= {"status": LATENCY_GROWTH_MAX, "log": LATENCY_GROWTH_MAX}
    return grown, [f"16: {name} grew: {grown[name]:.2f}, allowed {limit}"
                   for name, limit in limits.items() if grown[name] > limit]


def evening(world, rng, guests, taps, minutes):
    """(looks, events heard, violations)"""
    for n in range(taps):
        world.add_machine(f"tap{n}")
    world.start_server()
    for name in world.machines:
        world.server.client.wait_until_ready(name)
    over = threading.Event()
    pages = [Page(world.server.port) for _ in range(guests)]
    queues = [Queue(world, tap, range(guests), rng.random(), over) for tap in world.machines]
    looks, until = [], time.monotonic() + minutes * 60
    while time.monotonic() < until:
        over.wait(LOOK_EVERY_SECONDS)
        looks.append(look_at(world.server, world.database))
        if len(looks) % 12 == 0:
            print(f"{len(looks) * LOOK_EVERY_SECONDS / 60:5.0f} min: {looks[-1]}", flush=True)
    found = [f"16: a page lost its stream: {page.broken!r}" for page in pages if page.broken]
    over.set()
    for queue in queues:
        queue.join(60)
        found += [f"a tap's queue broke up: {queue.crash!r}"] if queue.crash else []
    world.count("served", sum(queue.poured for queue in queues))
    world.count("heard", sum(page.heard for page in pages))
    return looks, found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--guests", type=int, default=300, help="open pages")
    parser.add_argument("--taps", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--json", type=Path, help="where the totals go")
    options = parser.parse_args()
    print(f"a party of {options.guests} guests at {options.taps} taps for {options.minutes:g} "
          f"minutes, seed {options.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="pourtocol-party-"))
    rng = random.Random(options.seed)
    with worlds.World(folder, rng) as world:
        looks, found = evening(world, rng, options.guests, options.taps, options.minutes)
        grown, too_much = growth(looks)
        found += too_much + world.verdict()
        figures = world.figures
    print(*found, sep="\n")
    totals = {"kind": "party", "minutes": options.minutes, "guests": options.guests,
              "taps": options.taps, **figures,
              "memory_kb": looks[-1]["memory_kb"], "files": looks[-1]["files"],
              "growth": {name: round(value, 3) for name, value in grown.items()},
              "violations": found}
    if options.json:
        options.json.write_text(json.dumps(totals) + "\n")
    print(f"party: {totals}")
    if found:
        print(f"its folder: {folder}")
    else:
        shutil.rmtree(folder)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
