"""Does the simulation find bugs? Plants one after another and lets the swarm look for it.

    planted.py                    every bug: those of planted.txt and the switches of bugs.hpp
    planted.py --only TEXT        those whose room, file or words contain TEXT
    planted.py --short            one of each room; what `./dev test` runs
    planted.py --budget ORDERS    how many the swarm may place to find one (default 30,000: about a
                                  minute of one core; the same ones every time)
    planted.py --json FILE        write the table into FILE, too

Succeeds if the product as it is breaks no promise and every bug is found within the budget. Stops
if a patch no longer fits the source: whoever changes that looks at its bugs again.

The rooms: the coordinator (backend/control), the codec (protocol), the device's core
(firmware/core), the store, and the seams between them (switches). SQLite is not part of a
simulated party; bugs of the store are planted in the rules of the log (backend/ledger), in their
tables in memory and in the disk. What backend/database itself promises is held by tests/contract
and tests/campaign.
"""

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "mutation"), str(ROOT / "tests" / "layering")]

import layering  # noqa: E402
import table  # noqa: E402
import workshop  # noqa: E402

TABLE = Path(__file__).with_name("planted.txt")
ROOMS = sorted(layering.ROOMS["simulation"] | {"simulation"})
SOURCES = [f"{room}/*.cpp" for room in ROOMS]
ROOM_NAMES = {"backend/ledger/ledger.cpp": "store",
              "backend/ledger/memory_storage.cpp": "store", "simulation/disk.cpp": "store",
              "backend/control": "coordinator", "protocol": "codec", "firmware/core": "core"}
SHORT = ["a time-out is taken for a refusal", "the guard of an order is not read",
         "an order that came too late is poured", "a key that is known is written again",
         "retry_after_timeout"]
CLEAN_ORDERS = 2_000
TRY_SECONDS_MAX = 900


@dataclass
class Bug:
    words: str
    room: str
    file: str = ""  # of a patch
    text: str = ""  # the whole file with it
    switch: str = ""  # of bugs.hpp


@dataclass
class Find:
    bug: Bug
    found: bool
    how: str  # "invariant 7", or what else
    orders: int = 0
    seconds: float = 0.0


def room_of(file):
    return ROOM_NAMES.get(file) or ROOM_NAMES[str(Path(file).parent)]


def all_bugs():
    patches = [Bug(m.breaks, room_of(m.file), m.file, m.applied_to((ROOT / m.file).read_text()))
               for m in table.planted(TABLE.read_text().splitlines())]
    seams = re.findall(r'\{Bug::(\w+), "', (ROOT / "simulation" / "bugs.hpp").read_text())
    return patches + [Bug(name, "seam", switch=name) for name in seams]


class Simulator(workshop.Workshop):
    """A copy of the rooms of which a simulated party is made, with its own build."""

    def __init__(self, root, folder):
        self.root, self.folder = Path(root), Path(folder)
        self.programs = ["sim"]
        for room in ROOMS:
            self._mirror(self.root / room, self.folder / room)
        launcher = "ccache " if shutil.which("ccache") else ""
        text = [workshop.RULES.format(launcher=launcher, optimise=workshop.OPTIMISE)]
        sources = self._sources(*SOURCES)
        text += [f"build {name}.o: compile {name}\n  flags =" for name in sources]
        text.append(f"build sim: link {' '.join(name + '.o' for name in sources)}\n"
                    "  libraries = -lpthread")
        (self.folder / "build.ninja").write_text("\n".join(text) + "\n")

    def look(self, bug, budget):
        """Lets worlds run, from seed 1 on, until one of them shows a bug that has been built."""
        command = ["./sim", "--seed", "1", "--pours", str(budget), "--shrink-seconds", "0"]
        if bug.switch:
            command += ["--bug", bug.switch]
        began = time.monotonic()
        try:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True,
                                  timeout=TRY_SECONDS_MAX, check=False)
        except subprocess.TimeoutExpired:
            return Find(bug, False, "takes too long", seconds=time.monotonic() - began)
        seconds = time.monotonic() - began
        orders = sum(map(int, re.findall(r"^seed \d+: (\d+) orders", done.stdout, re.MULTILINE)))
        if done.returncode < 0:
            return Find(bug, True, "an assertion", orders, seconds)
        broken = re.search(r"VIOLATION of invariant (\d+): (.*)", done.stdout)
        how = f"invariant {broken[1]}" if broken else ""
        return Find(bug, broken is not None, how, orders, seconds)

    def try_bug(self, bug, budget):
        """What becomes of one bug; nothing if it does not compile."""
        if bug.switch:
            return self.look(bug, budget)
        original = self.read(bug.file)
        self.write(bug.file, bug.text)
        try:
            if self.build("sim") is not None:
                return None
            return self.look(bug, budget)
        finally:
            self.write(bug.file, original)


def prepared(count, budget):
    """`count` workshops whose simulator is built, and finds nothing wrong with the product."""
    folder = ROOT / "build" / "planted"
    first = Simulator(ROOT, folder / "0")
    if complaint := first.build("sim"):
        sys.exit(f"the simulator does not build:\n{complaint}")
    if (clean := first.look(Bug("the product as it is", "none"), min(budget, CLEAN_ORDERS))).found:
        sys.exit(f"the product as it is breaks a promise: {clean.how}")
    shops = [first]
    for number in range(1, count):
        # With their times, so that nothing is built again.
        shutil.copytree(first.folder, folder / str(number), dirs_exist_ok=True)
        shops.append(Simulator(ROOT, folder / str(number)))
    return shops


def try_all(bugs, shops, budget, tell):
    waiting, finds, lock = queue.Queue(), [], threading.Lock()
    # Switches first: they need the product as it is, which a patch leaves built with it.
    for bug in sorted(bugs, key=lambda one: not one.switch):
        waiting.put(bug)

    def work(shop):
        while True:
            try:
                bug = waiting.get_nowait()
            except queue.Empty:
                return
            find = shop.try_bug(bug, budget) or Find(bug, False, "does not compile")
            with lock:
                finds.append(find)
                tell(find)

    threads = [threading.Thread(target=work, args=(shop,)) for shop in shops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return finds


def tell(find):
    verdict = f"by {find.how}" if find.found else find.how or "NOT FOUND"
    print(f"{find.bug.room:11} {find.orders:7} orders {find.seconds:6.1f} s  {verdict:16} "
          f"{find.bug.words}", flush=True)


def as_json(finds, budget, seconds):
    rows = [{"bug": f.bug.words, "room": f.bug.room, "file": f.bug.file, "found": f.found,
             "by": f.how, "orders": f.orders, "seconds": round(f.seconds, 1)} for f in finds]
    return json.dumps({"budget_orders": budget, "seconds": round(seconds, 1), "bugs": len(finds),
                       "found": sum(f.found for f in finds), "table": rows}, indent=2) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--budget", type=int, default=30_000, metavar="ORDERS")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        bugs = all_bugs()
    except ValueError as error:
        sys.exit(f"planted.txt no longer fits the source. {error}")
    if arguments.short:
        bugs = [bug for bug in bugs if any(words in bug.words for words in SHORT)]
    bugs = [bug for bug in bugs
            if any(arguments.only in text for text in (bug.room, bug.file, bug.words))]
    shops = prepared(max(1, min(arguments.jobs, len(bugs))), arguments.budget)
    finds = try_all(bugs, shops, arguments.budget, tell)
    seconds = time.monotonic() - began
    found = sum(find.found for find in finds)
    print(f"{found} of {len(finds)} planted bugs found, each within {arguments.budget} orders, in "
          f"{seconds:.0f} s")
    if arguments.json:
        Path(arguments.json).write_text(as_json(finds, arguments.budget, seconds))
    return 0 if found == len(finds) else 1


if __name__ == "__main__":
    sys.exit(main())
