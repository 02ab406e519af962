"""A log of a million rows: does it still open, page and export as a short one does?

    million.py --rows 1000000

The rows come as an original's file, which the server takes over when it first opens it. What it
costs is told as ratios, against a log of a thousand rows and, for the export, against reading the
same rows from the file without a server; both in the same run. Whatever grew with the log's length
would be a thousand times as slow at a million rows: far less is allowed. Of fewer rows only the
truth is judged, not the time.
"""

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import world as worlds  # noqa: F401: sets the path to the next one
import processes

USERS = [f"guest-{n}" for n in range(1000)]
REPEAT = 5
FEW = 1000
JUDGED_FROM = 1_000_000
# What may be, beside the same of a thousand rows or a bare read. Opening looks for what is open,
# and the page of one guest among a thousand has that guest's rows to find.
ALLOWED = {"open": 60, "newest_page": 10, "page_in_the_middle": 10, "one_guests_page": 60,
           "totals": 10, "export_beside_bare_read": 5, "take_over_beside_bare_read": 20,
           "memory": 3}
NOWHERE = {"main": "http://127.0.0.1:9"}


def write_original(file, rows, rng):
    """What the original's server would have left behind after so many rows."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, user_token TEXT, amount_ml INTEGER, "
        "status TEXT, reason TEXT)")
    with connection:
        connection.executemany(
            "INSERT INTO events (timestamp, user_token, amount_ml, status) "
            "VALUES (datetime(1700000000 + ?, 'unixepoch'), ?, ?, ?)",
            ((n * 30, rng.choice(USERS), rng.choice((15, 30, 45)),
              "success" if n % 2 else "started") for n in range(rows)))
    connection.close()


def seconds(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def median_of(act):
    return sorted(seconds(act) for _ in range(REPEAT))[REPEAT // 2]


def figures_of(folder, rows, rng):
    """Seconds of what people do with a log of so many rows, and the server's memory after it."""
    file = folder / f"{rows}.db"
    write_original(file, rows, rng)

    def start_and_stop():
        server = processes.Server(file, NOWHERE)
        assert server.stop() == 0, server.said
        server.close()

    found = {"take_over": seconds(start_and_stop), "open": median_of(start_and_stop)}
    server = processes.Server(file, NOWHERE)
    client = server.client

    def expect(path):
        answer = client.get(path)
        assert answer.status == 200, answer
        return answer

    expect("/api/logs")  # also reads the contract, once
    pages = {"newest_page": "/api/logs?limit=50",
             "page_in_the_middle": f"/api/logs?limit=50&before_id={rows // 2}",
             "one_guests_page": f"/api/logs?limit=50&user={USERS[7]}",
             "totals": "/api/totals"}
    for name, path in pages.items():
        found[name] = median_of(lambda path=path: expect(path))
    found["export"] = seconds(lambda: export(server.port, rows))
    found["bare_read"] = seconds(lambda: bare_read(file))
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found["memory_kb"] = int(status.split("VmHWM:")[1].split()[0])
    assert server.stop() == 0, server.said
    server.close()
    return found


def export(port, rows):
    """Everything as CSV, page by page, as the page's export does."""
    client, before, heard = processes.Client(port), rows + 1, 0
    while heard < rows:
        text = client.get(f"/api/logs?format=csv&limit=1000&before_id={before}").body.decode()
        lines = text.splitlines()[1:]
        assert lines, f"the export ends after {heard} of {rows} rows"
        heard += len(lines)
        before = int(lines[-1].split(",")[0].strip('"'))


def bare_read(file):
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    for row in connection.execute("SELECT * FROM events ORDER BY id DESC"):
        ",".join(map(str, row))
    connection.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="where the totals go")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pourtocol-million-"))
    rng = random.Random(1)
    few, many = (figures_of(folder, rows, rng) for rows in (FEW, options.rows))
    alike = ("open", "newest_page", "page_in_the_middle", "one_guests_page", "totals")
    ratios = {name: round(many[name] / few[name], 2) for name in alike}
    ratios["export_beside_bare_read"] = round(many["export"] / many["bare_read"], 2)
    ratios["take_over_beside_bare_read"] = round(many["take_over"] / many["bare_read"], 2)
    ratios["memory"] = round(many["memory_kb"] / few["memory_kb"], 2)
    code, said = processes.run("check", "--database", folder / f"{options.rows}.db", seconds=600)
    found = [] if code == 0 else [f"8: {said}"]
    found += [f"16: {name} is {ratio} times as slow or big, allowed {ALLOWED[name]}"
              for name, ratio in ratios.items()
              if options.rows >= JUDGED_FROM and ratio > ALLOWED[name]]
    print(f"{options.rows} rows beside {FEW}: {ratios}", *found, sep="\n")
    if options.json:
        totals = {"kind": "million", "rows": options.rows, "ratios": ratios,
                  "milliseconds": {name: round(1000 * many[name], 1) for name in alike},
                  "violations": found}
        options.json.write_text(json.dumps(totals) + "\n")
    shutil.rmtree(folder)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
