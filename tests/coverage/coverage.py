"""Which branches of the rooms that decide do their tests not take, and why not?

Runs the tests of the coordinator, the dispenser's core and the protocol in the build `coverage`,
and holds every branch that was never taken one way or the other against gaps.txt, which explains
it. Succeeds if each gap is explained and each explanation is still needed.

    coverage.py                 what `./dev coverage` runs
    coverage.py --list          every gap in full, in the form of gaps.txt
    coverage.py --room ROOM     one room, and what its own tests take: told, not judged
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "coverage"
GAPS = Path(__file__).with_name("gaps.txt")
# Each with the programs that test it; a branch may be taken by those of another room too.
ROOMS = {"backend/control": ["control_test"],
         "firmware/core": ["firmware_core_test", "firmware_properties_test"],
         "protocol": ["protocol_test"]}
PROGRAMS = ["core_test", *(program for each in ROOMS.values() for program in each)]
# Only a broken program takes the other way of an assertion. The compiler sees to it that a switch
# over an enumeration names all of its values, and writes the comparison of all members itself.
NOT_A_DECISION = re.compile(r"POURTOCOL_ASSERT|^switch \(|= default;$")


@dataclass
class Room:
    """Two ways a branch: taken or not."""
    ways: int = 0
    taken: int = 0


def run_tests(jobs, programs):
    """Every program leaves its own profile; one that fails ends it all. The properties draw the
    same each time: what only luck takes is no way that a test takes."""
    profiles = BUILD / "profiles"
    profiles.mkdir(exist_ok=True)

    def run(program):
        profile = profiles / f"{program}.profraw"
        done = subprocess.run([BUILD / "bin" / program, "--gtest_brief=1"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "LLVM_PROFILE_FILE": str(profile),
                                   "RC_PARAMS": "seed=1"})
        if done.returncode != 0:
            sys.exit(f"{program} fails:\n{done.stdout[-4000:]}")
        return profile

    with ThreadPoolExecutor(jobs) as pool:
        raw = list(pool.map(run, programs))
    merged = profiles / "merged.profdata"
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", *raw, "-o", merged], check=True)
    return merged


def branches_in(profile, programs, rooms):
    """{file: {(line, column, end line, end column): [times true, times false]}}, every copy of a
    template together."""
    objects = [word for program in programs[1:]
               for word in ("-object", str(BUILD / "bin" / program))]
    told = subprocess.run(
        ["llvm-cov-19", "export", "-format=text", f"-instr-profile={profile}",
         str(BUILD / "bin" / programs[0]), *objects, *(str(ROOT / room) for room in rooms)],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    found = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for function in json.loads(told)["data"][0]["functions"]:
        for branch in function["branches"]:
            *place, times_true, times_false, file_id, _, _ = branch
            file = Path(function["filenames"][file_id]).relative_to(ROOT).as_posix()
            if "/tests/" in file or not file.startswith(tuple(rooms)):
                continue
            counts = found[file][tuple(place)]
            counts[0] += times_true
            counts[1] += times_false
    return found


def untaken(found, room_names):
    """[(file, source line, which)] and what each room comes to."""
    gaps, rooms = Counter(), {room: Room() for room in room_names}
    for file, branches in sorted(found.items()):
        lines = (ROOT / file).read_text().splitlines()
        room = rooms[next(room for room in rooms if file.startswith(room))]
        for (line, column, end_line, end_column), (times_true, times_false) in sorted(
                branches.items()):
            text = lines[line - 1].strip()
            if NOT_A_DECISION.search(text):
                continue
            words = lines[line - 1][column - 1:end_column - 1] if line == end_line else text
            for way, times in (("true", times_true), ("false", times_false)):
                room.ways += 1
                room.taken += times > 0
                if times == 0:
                    gaps[(file, text, f"{words} is never {way}")] += 1
    return gaps, rooms


def explained():
    """gaps.txt: `@ FILE`, then for each gap the line (`-`), what never happens there (`!`, once or
    more), and why (`?`)."""
    found, file, text, gaps = {}, "", "", []
    for number, line in enumerate(GAPS.read_text().splitlines(), 1):
        mark, rest = line[:1], line[2:]
        if mark == "@":
            file = rest
        elif mark == "-":
            text, gaps = rest, []
        elif mark == "!":
            gaps.append((file, text, rest))
        elif mark == "?":
            found.update(dict.fromkeys(gaps, rest))
        elif mark not in ("", "#"):
            raise ValueError(f"gaps.txt:{number}: what is this? {line}")
    return found


def show(gaps):
    last_file = last_text = None
    for file, text, what in sorted(gaps):
        if file != last_file:
            print(f"@ {file}")
        if (file, text) != (last_file, last_text):
            print(f"- {text}")
        print(f"! {what}")
        last_file, last_text = file, text


def tell(rooms):
    for name, room in rooms.items():
        if room.taken == 0:
            sys.exit(f"coverage: the tests of {name} took no branch at all: nothing was counted")
        print(f"{name:16} {room.taken:5} of {room.ways:5} ways of a branch taken "
              f"({100 * room.taken / room.ways:.1f} %)")


def judge(gaps, rooms, json_file):
    """Exit code 0 if gaps.txt explains what is not taken, and nothing else."""
    known = explained()
    unexplained = [gap for gap in gaps if gap not in known]
    needless = [gap for gap in known if gap not in gaps]
    print(f"{len(gaps)} gaps, {len(gaps) - len(unexplained)} of them explained in gaps.txt")
    if json_file:
        json_file.write_text(json.dumps(
            {"rooms": {name: vars(room) for name, room in rooms.items()}, "gaps": len(gaps),
             "unexplained": len(unexplained)}) + "\n")
    for title, some in (("not explained", unexplained), ("explained, but taken", needless)):
        if some:
            print(f"\n{title}:")
            show(some)
    return 1 if unexplained or needless else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--list", action="store_true", help="every gap, explained or not")
    parser.add_argument("--room", choices=ROOMS)
    parser.add_argument("--programs", action="store_true",
                        help="only say which test programs the build `coverage` needs for it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="where the totals go")
    options = parser.parse_args()
    wanted = [options.room] if options.room else list(ROOMS)
    programs = ROOMS[options.room] if options.room else PROGRAMS
    if options.programs:
        print("\n".join(programs))
        return 0
    gaps, rooms = untaken(branches_in(run_tests(options.jobs, programs), programs, wanted), wanted)
    if options.list:
        show(gaps)
    tell(rooms)
    return 0 if options.list or options.room else judge(gaps, rooms, options.json)


if __name__ == "__main__":
    sys.exit(main())
