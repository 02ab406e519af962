"""The long campaign: every part one after another, and what they came to as a page of docs/.

    long.py --minutes 120            what `./dev campaign` runs
    long.py --minutes 120 --publish  also writes the measured half of docs/reliability.md
    long.py swarm kill               only these parts

Each part is a command of its own that can be run alone; it stands in the report. Its figures are
kept in build/campaign until it is run again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "campaign"
PAGE = ROOT / "docs" / "reliability.md"
MARK = "<!-- measured -->\n"
PYTHON = "/usr/bin/python3"
CORES = os.cpu_count() or 1
POINTED = ("syscalls", "errors")  # every point once, however long it takes
REAL = ("kill", "disk", "power", "proxy", "stream", "clock", "unsynced", "stops")
HOSTILE = ("slowloris", "idle", "live", "flood", "slow-readers", "stops", "eager-machine")
# Of the minutes: what finds most gets most.
SWARM_SHARE, REAL_SHARE, PARTY_SHARE = 0.4, 0.35, 0.25


@dataclass
class Part:
    name: str
    command: list  # without --json
    title: str

    @property
    def file(self):
        return FOLDER / f"{self.name}.json"

    def run(self):
        """Its exit code. What it says goes to the terminal; what it came to, and from which commit,
        is kept."""
        self.file.unlink(missing_ok=True)
        print(f"\n== {self.title}\n   {self.told}", flush=True)
        began = time.monotonic()
        code = subprocess.run([*self.command, "--json", str(self.file)], cwd=ROOT,
                              check=False).returncode
        print(f"   {time.monotonic() - began:.0f} s, exit {code}", flush=True)
        if self.file.exists():
            kept = {"command": self.told, "commit": commit(), "exit": code,
                    "found": json.loads(self.file.read_text())}
            self.file.write_text(json.dumps(kept) + "\n")
        return code

    @property
    def told(self):
        return " ".join("python3" if word == PYTHON else word for word in self.command)


def parts(minutes):
    simulation = "build/release/bin/pourtocol-sim"
    real_minutes = minutes * REAL_SHARE / len(REAL)
    return [
        Part("swarm", [simulation, "--swarm", "--minutes", f"{minutes * SWARM_SHARE:g}"],
             "Random worlds on virtual time"),
        Part("planted", [PYTHON, "tests/planted/planted.py"], "Bugs planted, to be found"),
        *(Part(kind, [PYTHON, "tests/campaign/campaign.py", kind, "--minutes",
                      f"{real_minutes:g}", "--jobs", str(CORES)], f"Real processes: {kind}")
          for kind in REAL),
        *(Part(kind, [PYTHON, "tests/campaign/campaign.py", kind, "--jobs", str(4 * CORES)],
               f"Real processes: {kind}") for kind in POINTED),
        *(Part(attack, [PYTHON, "tests/hostile/hostile.py", attack], f"Hostile clients: {attack}")
          for attack in HOSTILE),
        Part("party", [PYTHON, "tests/campaign/party.py", "--minutes",
                       f"{minutes * PARTY_SHARE:g}"], "A long evening in real time"),
        Part("million", [PYTHON, "tests/campaign/million.py"], "A log of a million rows"),
        Part("coverage", ["./dev", "coverage"], "Branches that tests take"),
    ]


def figures(found, prefix=""):
    """Every number in it, with the names that lead to it."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from figures(value, f"{prefix}{name} ")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}{name}", value


def told(value):
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def section(part):
    """One part of the report; nothing if it never ran."""
    if not part.file.exists():
        return ""
    kept = json.loads(part.file.read_text())
    verdict = "no promise was broken" if kept["exit"] == 0 else "NOT AS IT SHOULD BE"
    lines = [f"### {part.title}\n\n`{kept['command']}`, commit {kept['commit']}: **{verdict}**\n"]
    for found in kept["found"].get("campaigns", [kept["found"]]):
        numbers = [f"{name.replace('_', ' ')} {told(value)}" for name, value in figures(found)
                   if name != "seed"]
        lines.append(", ".join(numbers) + "\n")
        lines += [f"- {each}\n" for name in ("violations", "broken")
                  for each in listed(found.get(name))]
    return "\n".join(lines)


def listed(found):
    return found if isinstance(found, list) else []


def commit():
    """What was tried; with a plus where the tree holds more than that."""
    return subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, check=True).stdout.strip()


def report(wanted):
    return "\n".join([f"On {CORES} cores.\n", *filter(None, map(section, wanted))])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"of {' '.join(part.name for part in parts(0))}")
    parser.add_argument("--minutes", type=float, default=120,
                        help="for those that go on as long as they may (default 120)")
    parser.add_argument("--publish", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--only-report", action="store_true", help="from what was kept")
    options = parser.parse_args()
    everything = parts(options.minutes)
    unknown = set(options.parts) - {part.name for part in everything}
    if unknown:
        parser.error(f"no such part: {' '.join(sorted(unknown))}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [part for part in everything if not options.parts or part.name in options.parts]
    failed = [] if options.only_report else [part.name for part in chosen if part.run() != 0]
    text = report(everything)
    print(f"\n{text}")
    if options.publish:
        head = PAGE.read_text().split(MARK)[0]
        PAGE.write_text(f"{head}{MARK}\n{text}")
    if failed:
        print(f"not as it should be: {' '.join(failed)}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
