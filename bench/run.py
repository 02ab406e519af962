"""./dev bench [NAME…]: pourtocol beside nginx serving the same bytes, beside the original's API
in Flask + gunicorn, and beside bare SQLite commits. One run, alternating rounds, medians, one
table. And how soon an open page shows what happens at the machine.

NAME: status, logs, dispense, memory, commits, page (default: all of these), and lighthouse, which
npm fetches when it is asked for. Exit code 0 only if every mark was met; with --short, which is
too short to be judged, if everything was measured.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import contestants
import lighthouse
import loads
import measured
import page

NAMES = ["status", "logs", "dispense", "memory", "commits", "page"]
ON_REQUEST = ["lighthouse"]
FOLDER = contestants.ROOT / "build" / "bench"
PATHS = {"status": "/api/status", "logs": "/api/logs?limit=50"}
# By version of the devices: so many taps, and so little, that a tap is idle again when its turn
# comes round. 64 wishes are under way at a time; our device is done at once, the other pours
# (devices.cpp).
DISPENSE = {1: {"taps": 768, "amount_ml": 1}, 2: {"taps": 256, "amount_ml": 30}}
STEADY_RATE = 500  # orders a second, of all guests together
PAGE_POURS = 5  # a round


class Bench:
    def __init__(self, names, rounds, seconds, before=None):
        self.names, self.rounds, self.seconds, self.before = names, rounds, seconds, before
        self.running, self.lines, self.notes, self.marks = [], [], [], []

    def start(self, made):
        self.running.append(made)
        return made

    def close(self):
        for made in reversed(self.running):
            made.close()
        self.running = []

    # What is measured.

    def reading_and_memory(self):
        """Status, logs and memory: a party of three taps, and a log of a few pours."""
        devices = self.start(contestants.start_devices(3, FOLDER))
        ours = self.start(contestants.start_pourtocol(devices, FOLDER, "pourtocol"))
        flask = self.start(contestants.start_flask(devices, FOLDER, "flask"))
        at_rest = ours.resident_mb()
        has_page(ours.url)
        before = self.start_before(devices, "pourtocol-before")
        before_at_rest = before["before"].resident_mb() if before else None
        for made in (ours, flask, *before.values()):
            fill_log(made.url)
        nginx = self.start(contestants.start_nginx(
            {name: fetch(ours.url + path) for name, path in PATHS.items()} | {"dispense": b"{}"},
            FOLDER))
        for name in ("status", "logs"):
            if name in self.names:
                self.compare(name, {"pourtocol": ours, "nginx": nginx, "Flask": flask} | before,
                             lambda made: loads.read(made.url + PATHS[name], self.seconds))
        if "memory" in self.names:
            self.row("memory at rest with the page, MB (VmRSS)", at_rest, before=before_at_rest)
            shares = measured.every(
                "memory", [made.memory_mb() for made in (ours, nginx, flask, *before.values())])
            self.row("memory after it all, MB (PSS)", *shares)
            self.mark("memory at rest with the page ≤ 10 MB", at_rest <= 10, f"{at_rest:.1f} MB")
        self.close()

    def dispensing(self, version):
        name = "dispense" if version == 2 else f"dispense, version {version}"
        wish = DISPENSE[version]
        devices = self.start(contestants.start_devices(wish["taps"], FOLDER, version))
        ours = self.start(contestants.start_pourtocol(devices, FOLDER, f"dispense-{version}"))
        flask = self.start(contestants.start_flask(devices, FOLDER, f"flask-dispense-{version}"))
        sample = {"amount_ml": wish["amount_ml"], "user_token": "ann", "tap": "t0",
                  "request_id": "sample"}
        nginx = self.start(contestants.start_nginx(
            {"status": b"{}", "logs": b"[]",
             "dispense": fetch(ours.url + "/api/dispense", sample)}, FOLDER))
        before = self.start_before(devices, f"dispense-{version}-before")
        runs = iter(range(1000))
        costs = {made: [] for made in (ours, flask, *before.values())}

        def order(made):
            used = made.cpu_us()
            answers = loads.order(made.url, self.seconds, run=f"run-{next(runs)}", **wish)
            pours = answers.per_second * self.seconds
            if made in costs and pours > 0:
                costs[made].append([(now - then) / pours for now, then
                                    in zip(made.cpu_us(), used)])
            return answers

        found = self.compare(
            name, {"pourtocol": ours, "nginx": nginx, "Flask": flask} | before, order)
        self.cost(name, ours, flask, before, costs)
        self.steadily(name, [ours, *before.values()], devices, wish)
        self.close()
        return found["pourtocol"].per_second

    def cost(self, name, ours, flask, before, costs):
        middle = {made: [statistics.median(part) for part in zip(*measured.some(name, found))]
                  for made, found in costs.items()}
        self.row(f"{name}, processor's time for each, µs", sum(middle[ours]), None,
                 sum(middle[flask]), *(sum(middle[made]) for made in before.values()))
        loop, loop_kernel, log, log_kernel = middle[ours]
        self.notes.append(f"{name}: of pourtocol's µs, {loop:.0f} are its loop's own, "
                          f"{loop_kernel:.0f} the kernel's for it (sockets), {log:.0f} the log's "
                          f"(SQLite), {log_kernel:.0f} the kernel's for that.")

    def steadily(self, name, servers, devices, wish):
        """How soon an order is at the machine, where they come at a pace that a busy house has."""
        fetch(devices.urls[0] + "/delays")
        found = []
        for server in servers:
            answers = something(f"{name} at {STEADY_RATE}/s", loads.order(
                server.url, self.seconds * self.rounds, run="steady", rate=STEADY_RATE, **wish))
            delays = map(float, fetch(devices.urls[0] + "/delays").split())
            found.append([*measured.every(f"{name}, from press to machine", list(delays)),
                          answers.refused])
        (_, median, p99, refused), before = found[0], (found[1:] or [[None] * 4])[0]
        what = f"{name}, from press to machine at {STEADY_RATE}/s"
        self.row(f"{what}, median ms", median, before=before[1])
        self.row(f"{what}, p99 ms", p99, before=before[2])
        if refused or before[3]:
            self.row(f"{name} at {STEADY_RATE}/s, refused or broken (not counted)", refused,
                     before=before[3])
        self.mark(f"{what}: p99 ≤ 20 ms", p99 <= 20, f"{p99:.1f} ms")

    def start_before(self, devices, name):
        """Another build to compare with, by its name among the contestants; none if none is
        wanted."""
        if self.before is None:
            return {}
        return {"before": self.start(
            contestants.start_pourtocol(devices, FOLDER, name, self.before))}

    def commits(self, pours_per_second):
        file = FOLDER / "commits.db"
        command = [contestants.BIN / "pourtocol-bench-commits", file, str(self.seconds)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        singles, p99_us, batched = map(float, said.split())
        measured.every(f"commits ({said.strip()})", [singles, p99_us, batched])
        print(f"\nBare SQLite on this disk (WAL, synchronous=FULL): {singles:,.0f} single commits/s"
              f" (p99 {p99_us / 1000:.2f} ms), {batched:,.0f} rows/s where 64 share a commit.")
        if pours_per_second is not None:
            print(f"A pour writes three durable steps; pours/s beside single commits/s: "
                  f"{pours_per_second / singles:.2f} ×.")

    # How it is told.

    def compare(self, name, contestants_by_name, measure):
        found = {who: [] for who in contestants_by_name}
        for _ in range(self.rounds):
            for who, made in contestants_by_name.items():
                found[who].append(something(f"{name} of {who}", measure(made)))
        middle = {who: loads.median(all_found) for who, all_found in found.items()}
        of_each = [middle[who] for who in contestants_by_name]
        ours, nginx, flask = of_each[:3]
        by_nginx, by_flask = (ours.per_second / max(other.per_second, 0.001)
                              for other in (nginx, flask))
        self.row(f"{name}, requests/s", *(each.per_second for each in of_each))
        self.row(f"{name}, p99 ms", *(each.p99_ms for each in of_each))
        if any(each.refused for each in of_each):
            self.row(f"{name}, refused or broken (not counted)",
                     *(each.refused for each in of_each))
        if name == "status":
            self.mark("status ≥ 0.6 × nginx", by_nginx >= 0.6, f"{by_nginx:.2f} ×")
            self.mark("status ≥ 50 × Flask", by_flask >= 50, f"{by_flask:.0f} ×")
        if name.startswith("dispense"):
            self.mark(f"{name} ≥ 20 × Flask", by_flask >= 20, f"{by_flask:.0f} ×")
        return middle

    def row(self, what, ours, nginx=None, flask=None, before=None):
        """Of each contestant what was found, and ours as a multiple of it."""
        others = [nginx, flask] + ([before] if self.before else [])
        cells = [what, *map(figure, [ours, *others]), *(times(ours, other) for other in others)]
        self.lines.append("| " + " | ".join(cells) + " |")

    def mark(self, what, met, found):
        self.marks.append((what, met, found))

    def tell(self):
        others = ["nginx, same bytes", "Flask + gunicorn"] + (["before"] if self.before else [])
        heads = ["", "pourtocol", *others]
        heads += [f"× {other.split()[0].strip(',')}" for other in others]
        print("\n| " + " | ".join(heads) + " |")
        print("| --- |" + " ---: |" * (len(heads) - 1))
        print("\n".join(self.lines))
        if self.notes:
            print("\n" + "\n".join(self.notes))

    def tell_marks(self):
        if self.marks:
            print()
        for what, met, found in self.marks:
            print(f"- {what}: {found}, {'met' if met else 'MISSED'}")


def figure(value):
    """With about three digits that count; nothing for what was not measured."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def times(ours, other):
    if not other:
        return ""
    ratio = ours / other
    return f"{ratio:.2f} ×" if ratio >= 0.1 else f"{ratio:.2g} ×"


def something(what, found):
    """What was found; the bench ends here if it is nothing, for no ratio to it says anything."""
    if found.per_second > 0:
        return found
    sys.exit(f"bench: {what} measured nothing: not one answer of success, {found.refused:,.0f} "
             "refused or broken. Ask it by hand what it says, and mend the bench.")


def fetch(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def has_page(url):
    try:
        fetch(url + "/")
    except urllib.error.HTTPError as refusal:
        refusal.close()
        sys.exit(f"bench: {url} has no page (HTTP {refusal.code}): build it with ./dev build")


def fill_log(url, pours=60):
    """So that the log has its 50 rows: small pours, one after another, over the three taps."""
    filled = 0
    for number in range(pours * 50):
        try:
            fetch(url + "/api/dispense", {"amount_ml": 30, "user_token": f"guest-{number}",
                                          "tap": f"t{number % 3}", "request_id": f"fill-{number}"})
            filled += 1
        except urllib.error.HTTPError as refusal:
            refusal.close()  # the tap is not idle yet: the next wish is for another
        if filled == pours:
            return
    sys.exit(f"bench: only {filled} of {pours} pours came about at {url}")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=", ".join(NAMES + ON_REQUEST))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--short", action="store_true",
                        help="one round of a second, told and not judged")
    parser.add_argument("--before", metavar="PROGRAM",
                        help="another build of pourtocol, measured in the same rounds")
    options = parser.parse_args()
    if options.before and not Path(options.before).is_file():
        parser.error(f"--before names no program: {options.before}")
    if options.short:
        options.rounds = options.seconds = 1
    for name in options.names:
        if name not in NAMES + ON_REQUEST:
            parser.error(f"no bench is called {name}; there are {', '.join(NAMES + ON_REQUEST)}")
    names = options.names or NAMES

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    bench = Bench(names, options.rounds, options.seconds, options.before)
    pours_per_second = None
    print(f"{loads.CONNECTIONS} connections, {options.rounds} alternating rounds of "
          f"{options.seconds} s, medians; everything shares this machine", flush=True)
    try:
        if {"status", "logs", "memory"} & set(names):
            bench.reading_and_memory()
        if "dispense" in names:
            by_version = {version: bench.dispensing(version) for version in DISPENSE}
            pours_per_second = by_version[2]
            times = by_version[2] / by_version[1]
            bench.mark("dispense ≥ 2 × that of version 1", times >= 2, f"{times:.1f} ×")
    finally:
        bench.close()
    if bench.lines:
        bench.tell()
    if "commits" in names:
        bench.commits(pours_per_second)
    if "page" in names:
        pours = 1 if options.short else PAGE_POURS * options.rounds
        for what, met, found in page.tell(page.measure(FOLDER, pours), pours):
            bench.mark(what, met, found)
    if "lighthouse" in names:
        views = lighthouse.VIEWS[:1] if options.short else lighthouse.VIEWS
        for what, met, found in lighthouse.tell(lighthouse.measure(FOLDER, views, options.rounds)):
            bench.mark(what, met, found)
    bench.tell_marks()
    return measured.exit_code(bench.marks, options.short)


if __name__ == "__main__":
    sys.exit(main())
