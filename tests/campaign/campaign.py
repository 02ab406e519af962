"""Real servers, real machines, real files, and everything that can happen to them.

    campaign.py kill      kill -9 of the server at random instants, under load
    campaign.py syscalls  kill -9 at every system call of one pour, and of a start after one
    campaign.py errors    one of those calls fails instead
    campaign.py disk      a disk that is full, broken or slow
    campaign.py power     the power of machines cut in mid-pour, flash lost
    campaign.py proxy     a network that delays, cuts, doubles, invents and goes deaf
    campaign.py stream    such a network between the server and open pages
    campaign.py clock     the server's wall clock jumps by up to ten years
    campaign.py unsynced  power cuts of the server: what it wrote and had not synced is lost or torn
    campaign.py stops     STOP ALL in mid-pour of a busy server: pumps are off in time
    campaign.py all       each of them, the minutes shared out

A round is a house of its own: it is played, comes to rest, and then the log has to be the truth:
every row, every interval, every answer, beside what physically flowed. Succeeds if no promise was
broken. A round that broke one leaves its folder; the seed in the first line repeats what was drawn,
though not to the microsecond when it happened.
"""

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import clock
import disk
import errors
import kill
import power
import proxy
import stops
import stream
import syscalls
import tracing
import unsynced
import world as worlds

KINDS = {"kill": kill, "syscalls": syscalls, "errors": errors, "disk": disk, "power": power,
         "proxy": proxy, "stream": stream, "clock": clock, "unsynced": unsynced,
         "stops": stops}
POINTED = {"syscalls", "errors"}  # whose rounds are points found beforehand
TRACED = {*POINTED, "disk"}


class Campaign:
    """One kind, round after round, until its time is over."""

    def __init__(self, kind, seed, base, rounds=None, minutes=None):
        self.kind, self.seed, self.base = kind, seed, base
        self.figures, self.violations = Counter(), []
        self.began = time.monotonic()
        self._until = None if minutes is None else self.began + minutes * 60
        self._points = self._find_points() if kind in POINTED else None
        if self._points is not None:
            self.figures["points"] = len(self._points)
            rounds = min(rounds or len(self._points), len(self._points))
        self._rounds, self._next, self._lock = rounds, 0, threading.Lock()

    def run(self, jobs):
        with ThreadPoolExecutor(jobs) as pool:
            for done in [pool.submit(self._work) for _ in range(jobs)]:
                done.result()
        self.figures["seconds"] = round(time.monotonic() - self.began)

    def _work(self):
        while (number := self._take()) is not None:
            self._play(number)

    def _take(self):
        with self._lock:
            over = self._rounds is not None and self._next >= self._rounds
            if over or (self._until is not None and time.monotonic() >= self._until):
                return None
            self._next += 1
            return self._next

    def _find_points(self):
        """In an order of each point's own: which ones are found varies a little with the timing,
        and that must not change which of the others are drawn."""
        def new_world():
            folder = Path(tempfile.mkdtemp(prefix="reference-", dir=self.base))
            return worlds.World(folder, random.Random(f"{self.seed}:reference"))

        def place(point):
            return hashlib.sha256(f"{self.seed}:{point}".encode()).digest()

        return sorted(KINDS[self.kind].points(new_world), key=place)

    def _play(self, number):
        folder = self.base / f"{self.kind}-{number}"
        folder.mkdir()
        rng = random.Random(f"{self.seed}:{self.kind}:{number}")
        with worlds.World(folder, rng) as world:
            found = self._judged(world, rng, number)
            for violation in found:
                world.tell(f"VIOLATION {violation}")
        with self._lock:
            self.figures.update(world.figures)
            self.figures["rounds"] += 1
            self.violations += [f"{self.kind} round {number}: {each}" for each in found]
        if number % 100 == 0:
            print(f"so far {self.summary()}", flush=True)
        if found:
            print(f"round {number} broke a promise; its folder: {folder}", *found, sep="\n  ",
                  flush=True)
        else:
            shutil.rmtree(folder)

    def _judged(self, world, rng, number):
        try:
            point = () if self._points is None else (self._points[number - 1],)
            found = KINDS[self.kind].play(world, rng, *point)
            return world.verdict() if found is None else found
        except worlds.Broken as broken:
            return [str(broken)]
        except Exception as error:  # noqa: BLE001: whatever ends a round is a finding
            world.tell(traceback.format_exc())
            return [f"the round could not be played: {error!r}"]

    def summary(self):
        figures = ", ".join(f"{name} {self.figures[name]}" for name in sorted(self.figures))
        return f"{self.kind}: {figures}; violations {len(self.violations)}"

    def totals(self):
        return {"kind": self.kind, "seed": self.seed, **dict(sorted(self.figures.items())),
                "violations": self.violations}


def arguments(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=[*KINDS, "all"])
    parser.add_argument("--minutes", type=float, help="when it is over no round begins")
    parser.add_argument("--rounds", type=int,
                        help="1 unless told; of syscalls and errors, every point")
    parser.add_argument("--seed", default=None, help="any text; drawn unless told")
    parser.add_argument("--jobs", type=int, default=2, help="rounds side by side (default 2)")
    parser.add_argument("--json", type=Path, help="where the totals go")
    parser.add_argument("--folder", type=Path, help="where rounds live (default: one in /tmp)")
    return parser.parse_args(words)


def main(words=None):
    wanted = arguments(words)
    seed = wanted.seed if wanted.seed is not None else str(random.SystemRandom().randrange(10**9))
    kinds = list(KINDS) if wanted.kind == "all" else [wanted.kind]
    print(f"campaign {' '.join(kinds)}, seed {seed}", flush=True)
    if TRACED & set(kinds) and not tracing.works():
        print("strace is not here, or may not be used", file=sys.stderr)
        return 2
    base = wanted.folder or Path(tempfile.mkdtemp(prefix="pourtocol-campaign-"))
    base.mkdir(parents=True, exist_ok=True)
    rounds = wanted.rounds
    if rounds is None and wanted.minutes is None and wanted.kind not in POINTED:
        rounds = 1
    done = []
    for kind in kinds:
        minutes = None if wanted.minutes is None else wanted.minutes / len(kinds)
        campaign = Campaign(kind, seed, base, rounds, minutes)
        campaign.run(wanted.jobs)
        print(campaign.summary(), flush=True)
        done.append(campaign)
    return conclude(done, wanted.json, base)


def conclude(done, json_file, base):
    broken = [violation for campaign in done for violation in campaign.violations]
    totals = Counter()
    for campaign in done:
        totals.update(campaign.figures)
    if json_file is not None:
        json_file.write_text(json.dumps(
            {"campaigns": [campaign.totals() for campaign in done]}, indent=2) + "\n")
    told = ("rounds", "kills", "power cuts", "server power cuts", "clock jumps",
            "network faults", "pours", "episodes")
    print("total: " + ", ".join(f"{name} {totals[name]}" for name in told)
          + f", violations {len(broken)}" + (f"; see {base}" if broken else ""))
    if not broken:
        shutil.rmtree(base, ignore_errors=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
