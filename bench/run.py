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
DISPENSE = {1: {"taps": 512, "amount_ml": 1}, 2: {"taps": 256, "amount_ml": 30}}
STEADY_RATE = 500  # orders a second, of all guests together
PAGE_POURS = 5  # a round


class Bench:
    def __init__(self, names, rounds, seconds):
        self.names, self.rounds, self.seconds = names, rounds, seconds
        self.running, self.lines, self.marks = [], [], []

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
        for made in (ours, flask):
            fill_log(made.url)
        nginx = self.start(contestants.start_nginx(
            {name: fetch(ours.url + path) for name, path in PATHS.items()} | {"dispense": b"{}"},
            FOLDER))
        for name in ("status", "logs"):
            if name in self.names:
                self.compare(name, {"pourtocol": ours, "nginx": nginx, "Flask": flask},
                             lambda made: loads.read(made.url + PATHS[name], self.seconds))
        if "memory" in self.names:
            self.row("memory at rest with the page, MB (VmRSS)", f"{at_rest:.1f}", "", "", "", "")
            shares = measured.every(
                "memory", [made.memory_mb() for made in (ours, nginx, flask)])
            self.row("memory after it all, MB (PSS)", *(f"{mb:.1f}" for mb in shares), "",
                     f"{shares[0] / shares[2]:.2f} ×")
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
        runs = iter(range(1000))
        found = self.compare(
            name, {"pourtocol": ours, "nginx": nginx, "Flask": flask},
            lambda made: loads.order(made.url, self.seconds, run=f"run-{next(runs)}", **wish))
        self.steadily(name, ours, devices, wish)
        self.close()
        return found["pourtocol"].per_second

    def steadily(self, name, ours, devices, wish):
        """How soon an order is at the machine, where they come at a pace that a busy house has."""
        fetch(devices.urls[0] + "/delays")
        found = something(f"{name} at {STEADY_RATE}/s", loads.order(
            ours.url, self.seconds * self.rounds, run="steady", rate=STEADY_RATE, **wish))
        count, median, p99 = map(float, fetch(devices.urls[0] + "/delays").split())
        measured.every(f"{name}, from press to machine", [count, median, p99])
        self.row(f"{name}, from press to machine at {STEADY_RATE}/s, median ms", f"{median:.2f}",
                 "", "", "", "")
        self.row(f"{name}, from press to machine at {STEADY_RATE}/s, p99 ms", f"{p99:.2f}", "", "",
                 "", "")
        if found.refused:
            self.row(f"{name} at {STEADY_RATE}/s, refused or broken (not counted)",
                     f"{found.refused:,.0f}", "", "", "", "")
        self.mark(f"{name}: from press to machine ≤ 20 ms at {STEADY_RATE}/s, p99", p99 <= 20,
                  f"{p99:.2f} ms")

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
        three = ours, nginx, flask = [middle[who] for who in ("pourtocol", "nginx", "Flask")]
        by_nginx, by_flask = (ours.per_second / max(other.per_second, 0.001)
                              for other in (nginx, flask))
        self.row(f"{name}, requests/s", *(f"{each.per_second:,.0f}" for each in three),
                 f"{by_nginx:.2f} ×", f"{by_flask:.0f} ×")
        self.row(f"{name}, p99 ms", *(f"{each.p99_ms:.2f}" for each in three), "", "")
        if any(each.refused for each in three):
            self.row(f"{name}, refused or broken (not counted)",
                     *(f"{each.refused:,.0f}" for each in three), "", "")
        if name == "status":
            self.mark("status ≥ 0.6 × nginx", by_nginx >= 0.6, f"{by_nginx:.2f} ×")
            self.mark("status ≥ 50 × Flask", by_flask >= 50, f"{by_flask:.0f} ×")
        if name.startswith("dispense"):
            self.mark(f"{name} ≥ 20 × Flask", by_flask >= 20, f"{by_flask:.0f} ×")
        return middle

    def row(self, *cells):
        self.lines.append("| " + " | ".join(cells) + " |")

    def mark(self, what, met, found):
        self.marks.append((what, met, found))

    def tell(self):
        print("\n| | pourtocol | nginx, same bytes | Flask + gunicorn | × nginx | × Flask |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        print("\n".join(self.lines))

    def tell_marks(self):
        if self.marks:
            print()
        for what, met, found in self.marks:
            print(f"- {what}: {found}, {'met' if met else 'MISSED'}")


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
    options = parser.parse_args()
    if options.short:
        options.rounds = options.seconds = 1
    for name in options.names:
        if name not in NAMES + ON_REQUEST:
            parser.error(f"no bench is called {name}; there are {', '.join(NAMES + ON_REQUEST)}")
    names = options.names or NAMES

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    bench = Bench(names, options.rounds, options.seconds)
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
