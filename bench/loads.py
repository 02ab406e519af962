"""The loads: wrk for what is read, a crowd of guests for what is ordered; and what a run found."""

import re
import statistics
import subprocess
from dataclasses import dataclass

import contestants

CONNECTIONS = 64
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


@dataclass
class Found:
    per_second: float  # answers of success
    p99_ms: float
    refused: int  # answers that were no success, and connections that broke


def read(url, seconds):
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--latency",
               "--duration", f"{seconds}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True,
                          timeout=seconds + 30).stdout
    return parse(said)


def order(url, seconds, taps, run, amount_ml=30, rate=None):
    """Not wrk: each guest needs an own address, for one address may order only so often. `rate`:
    presses of all guests together a second; absent: each presses as soon as it was answered."""
    port = url.rpartition(":")[2]
    command = [contestants.BIN / "pourtocol-bench-guests", port, seconds, taps, run, amount_ml]
    if rate is not None:
        command.append(rate)
    said = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True, timeout=seconds + 30).stdout
    return Found(*map(float, said.split()))


def parse(said):
    total, duration, unit = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", said).groups()
    seconds = float(duration) * UNITS_MS[unit] / 1000
    p99, p99_unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said).groups()
    refused = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    broken = re.search(r"Socket errors: (.*)", said)
    if broken:
        refused += sum(map(int, re.findall(r"\d+", broken.group(1))))
    return Found((int(total) - refused) / seconds, float(p99) * UNITS_MS[p99_unit], refused)


def median(all_found):
    """Field by field."""
    fields = zip(*((each.per_second, each.p99_ms, each.refused) for each in all_found))
    return Found(*map(statistics.median, fields))
