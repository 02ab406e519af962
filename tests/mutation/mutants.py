"""Does anybody notice? Plants single changes in what decides and sees whether its tests fail.

    mutants.py                        every mutant of mutants.txt; what `./dev mutants` runs
    mutants.py --only TEXT            those whose file or words contain TEXT
    mutants.py --random N --seed S    N that nobody chose, to see how honest the table is

Succeeds if at least 95 % are killed and each survivor is explained. An explained survivor that is
killed after all is an error too: its explanation is wrong.
"""

import argparse
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import table
from workshop import BrokenWorkshop, Workshop

ROOT = Path(__file__).resolve().parents[2]
KILLED_MIN = 0.95
DECIDES = ["firmware/core/" + name for name in (
    "dispenser*.cpp", "pour*.cpp", "glass*.cpp", "reckoning.cpp", "history.cpp", "record.cpp",
    "journal.hpp", "board_loop.hpp")] + ["backend/ledger/ledger.cpp"] + [
        "backend/control/" + name for name in (
            "settle.cpp", "tap*.cpp", "coordinator.cpp", "found_pours.cpp", "stop_calls.cpp",
            "identities.cpp", "monitor.cpp")]


def try_all(jobs, workers, tell):
    """jobs: (name, text, words, explained). Returns {"killed": [words…], …}; `tell` hears each."""
    waiting, results, lock, broken = queue.Queue(), {}, threading.Lock(), []
    for job in jobs:
        waiting.put(job)

    def work(number):
        shop = Workshop(ROOT, ROOT / "build" / "mutants" / str(number),
                        max(1, (os.cpu_count() or 1) // workers))
        while not broken:
            try:
                name, text, words, explained = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.monotonic()
            try:
                noticed = shop.try_change(name, text)
            except BrokenWorkshop as error:
                broken.append(str(error))
                return
            except subprocess.TimeoutExpired as error:
                broken.append(f"{words}: {error}")  # too slow a machine: no verdict on anything
                return
            verdict = "killed" if noticed else "survived" if noticed == "" else "does not compile"
            with lock:
                results.setdefault(verdict, []).append((words, explained))
                tell(verdict, noticed, words, explained, time.monotonic() - began)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        sys.exit(broken[0])
    return results


def tell(verdict, noticed, words, explained, seconds):
    by = f"by {noticed}" if noticed else ""
    print(f"{verdict:8} {by:13} {seconds:5.1f} s  {words}", flush=True)
    if verdict == "survived":
        print(f"         {explained or 'NOT EXPLAINED'}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--random", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    began = time.monotonic()

    def read(name):
        return (ROOT / name).read_text()

    if arguments.random:
        names = sorted(str(path.relative_to(ROOT)) for pattern in DECIDES
                       for path in ROOT.glob(pattern))
        jobs = [(name, text, f"{name}:{what}", "")
                for name, text, what in table.drawn(arguments.random, arguments.seed, names, read)]
    else:
        try:
            jobs = [(m.file, m.applied_to(read(m.file)), f"{Path(m.file).name}: {m.breaks}",
                     m.explained) for m in table.planted()]
        except ValueError as error:
            sys.exit(f"mutants.txt no longer fits the source. {error}")
        jobs = [job for job in jobs if arguments.only in job[0] or arguments.only in job[2]]
    results = try_all(jobs, min(arguments.jobs, len(jobs)), tell)
    return conclude(results, bool(arguments.random), time.monotonic() - began)


def conclude(results, by_chance, seconds):
    killed, survived = results.get("killed", []), results.get("survived", [])
    invalid = results.get("does not compile", [])
    total = len(killed) + len(survived)
    share = len(killed) / total if total else 0.0
    print(f"{len(killed)} of {total} mutants killed ({share:.1%}), {len(survived)} survived, "
          f"{len(invalid)} did not compile, in {seconds:.0f} s")
    if by_chance:
        return 0
    unexplained = [words for words, explained in survived if not explained]
    wrongly = [words for words, explained in killed if explained]
    for words, _ in invalid:
        print(f"does not compile, so proves nothing: {words}")
    for words in unexplained:
        print(f"not explained: {words}")
    for words in wrongly:
        print(f"explained, but killed: {words}")
    return 0 if share >= KILLED_MIN and not (invalid or unexplained or wrongly) else 1


if __name__ == "__main__":
    sys.exit(main())
