"""One run of wrk, and what it found."""

import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 64
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


@dataclass
class Found:
    per_second: float  # answers of success
    p99_ms: float
    refused: int  # answers that were no success, and connections that broke


def run(url, seconds, script=None, *arguments):
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--latency",
               "--duration", f"{seconds}s"]
    if script is not None:
        command += ["--script", str(Path(__file__).parent / script)]
    command += [url]
    if arguments:
        command += ["--", *map(str, arguments)]
    said = subprocess.run(command, capture_output=True, text=True, check=True,
                          timeout=seconds + 30).stdout
    return parse(said)


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
