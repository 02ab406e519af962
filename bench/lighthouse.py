"""Lighthouse's own judgement of every view, as of a mid-range phone on a slow network.

It comes from npm when it is first asked for, and stays out of the page's packages: nobody who
builds or runs the page needs its 200 dependencies. 12 is the last line that runs on Node 20.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys

import contestants
import measured

PACKAGE = "lighthouse@12.8.2"
VIEWS = ["/", "/host", "/host/log", "/wall"]
CATEGORIES = ["performance", "accessibility", "best-practices"]
# The guest's screen is what a phone opens; the others are held to be usable by everybody.
MARKS = {("/", "performance"): 95} | {(view, "accessibility"): 95 for view in VIEWS}
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync")


def measure(folder, views, rounds):
    """Scores by (view, category), each the median of `rounds` runs, and the times behind them."""
    folder = folder / "lighthouse"
    folder.mkdir(exist_ok=True)
    devices = contestants.start_devices(3, folder)
    ours = None
    try:
        ours = contestants.start_pourtocol(devices, folder, "pourtocol")
        return {view: [_judge(ours.url + view, folder) for _ in range(rounds)] for view in views}
    finally:
        if ours is not None:
            ours.close()
        devices.close()


def _judge(url, folder):
    # Now and then the browser's trace lacks its beginning, and Lighthouse asks to be run again.
    for _ in range(3):
        report = _run(url, folder)
        if "runtimeError" not in report:
            break
    else:
        sys.exit(f"bench: Lighthouse could not judge {url}: {report['runtimeError']['message']}")
    audits = report["audits"]
    return {category: score(report, url, category) for category in CATEGORIES} | {
        "first paint s": audits["first-contentful-paint"]["numericValue"] / 1000,
        "largest paint s": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "blocked ms": audits["total-blocking-time"]["numericValue"],
        "layout shift": audits["cumulative-layout-shift"]["numericValue"],
    }


def score(report, url, category):
    """Out of 100. Lighthouse gives none where an audit it weighs has failed to run."""
    given = report["categories"].get(category, {}).get("score")
    return 100 * measured.positive(f"lighthouse, {category} of {url},", given)


def _run(url, folder):
    file = folder / "report.json"
    file.unlink(missing_ok=True)
    run = subprocess.run(
        ["npm", "exec", "--yes", "--ignore-scripts", f"--package={PACKAGE}", "--", "lighthouse",
         url, "--quiet", "--output=json", f"--output-path={file}", "--form-factor=mobile",
         f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}"],
        env=os.environ | {"CHROME_PATH": shutil.which("chromium") or "chromium"}, cwd=folder,
        capture_output=True, text=True)
    if not file.exists():
        sys.exit(f"bench: Lighthouse did not run:\n{run.stdout}{run.stderr}")
    return json.loads(file.read_text())


def tell(found):
    """Prints the table; returns the marks as (what, met, found)."""
    runs_of_first = next(iter(found.values()))
    columns = list(runs_of_first[0])
    print(f"\n{PACKAGE}, its phone (4 × slower processor, slow 4G), medians of "
          f"{len(runs_of_first)} runs\n")
    print("| view | " + " | ".join(columns) + " |")
    print("| --- |" + " ---: |" * len(columns))
    for view, runs in found.items():
        middles = [statistics.median(run[column] for run in runs) for column in columns]
        print(f"| {view} | " + " | ".join(f"{middle:.3g}" for middle in middles) + " |")
    marks = []
    for (view, category), least in MARKS.items():
        if view in found:
            middle = statistics.median(run[category] for run in found[view])
            marks.append((f"{category} of {view} ≥ {least}", middle >= least, f"{middle:.0f}"))
    return marks
