#!/usr/bin/python3
"""How often each fuzz target has run: the table that `./dev fuzz` closes with, and the sum over
the runs in docs/fuzzing-runs.csv, which docs/reliability.md tells.

    scripts/fuzzing_runs.py LOGS TARGET…            prints what the logs of one run tell
    scripts/fuzzing_runs.py --publish LOGS TARGET…  also adds it to the file and to the document
"""

import csv
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[1]
RUNS = ROOT / "docs/fuzzing-runs.csv"
DOCUMENT = ROOT / "docs/reliability.md"


def executions_in(log):
    """What libFuzzer counted, in the last lines of its log."""
    return int(re.findall(r"^stat::number_of_executed_units:\s*(\d+)", log, re.M)[-1])


def table(executions):
    rows = [*sorted(executions.items()), ("in all", sum(executions.values()))]
    return "\n".join(f"{name:20} {count:>16,} executions" for name, count in rows)


def published():
    """One (commit, target, executions) for each target of each published run."""
    with RUNS.open(newline="") as file:
        return [(row["commit"], row["target"], int(row["executions"]))
                for row in csv.DictReader(file)]


def sentence(runs):
    """What the document says of them."""
    total = sum(executions for _, _, executions in runs)
    return f"{total:,} executions in the runs of `docs/fuzzing-runs.csv`"


def publish(executions):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.strip()
    with RUNS.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            (commit, *one) for one in sorted(executions.items()))
    text, found = re.subn(r"[\d,]+ executions in the runs of `docs/fuzzing-runs\.csv`",
                          sentence(published()), DOCUMENT.read_text())
    if found != 1:
        sys.exit(f"{DOCUMENT} tells the sum {found} times")
    DOCUMENT.write_text(text)


def main(arguments):
    wants_publishing = arguments[:1] == ["--publish"]
    logs, *targets = arguments[wants_publishing:]
    executions = {target: executions_in((pathlib.Path(logs) / f"{target}.log").read_text())
                  for target in targets}
    print(table(executions))
    if wants_publishing:
        publish(executions)


if __name__ == "__main__":
    main(sys.argv[1:])
