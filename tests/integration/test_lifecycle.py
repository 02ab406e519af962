"""Starting, stopping, backing up, and what the server does with a database that is not as it
should be.
"""

import json
import signal
import sqlite3
import threading

import device
import pytest
from client import Answer
from processes import run


def pour_one(client, key):
    assert client.dispense(2, key=key).status == 200
    assert client.wait_until_final(key)["state"] == "done"


def test_sigterm_ends_it_in_good_order_in_the_middle_of_everything(party):
    # A guest watches, one connection idles, one order hangs at its device.
    hanging = party.device(device.hang)
    server = party.server(hanging, "--dispense-timeout", "60")
    client = server.client
    client.wait_until_ready()
    with client.live() as stream, client.send("GET", "/api/status") as idle:
        asking = client.send("POST", "/api/dispense",
                             {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"})
        hanging.wait_for_order()
        assert server.stop(seconds=3) == 0, server.said  # the promise is 3 s
        assert list(stream) is not None  # its end came, not a cut line
        idle.close()
        asking.close()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGHUP])
def test_interrupted_or_left_by_its_terminal_it_ends_in_good_order_and_says_so(party, by):
    # Whoever runs these tests may do so under nohup, and every process of theirs inherits that.
    server = party.server(party.device(), before_start=lambda: signal.signal(by, signal.SIG_DFL))
    assert server.stop(by=by) == 0, server.said
    assert f"signal {by.value}: closing" in server.said


def test_under_nohup_it_serves_on_without_its_terminal(party):
    server = party.server(party.device(),
                          before_start=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    server.process.send_signal(signal.SIGHUP)
    assert server.client.get("/api/status").status == 200
    assert server.stop() == 0
    assert f"signal {signal.SIGHUP.value}:" not in server.said


def test_a_pour_left_unclear_by_the_end_is_settled_by_the_next_start(party):
    # It still pours when the second server looks, however long that one takes to start.
    slow = party.device(flow_ml_s=0.2)
    first = party.server(slow)
    first.client.wait_until_ready()
    assert first.client.dispense(2, key="wish-1").status == 200
    assert first.stop() == 0
    client = party.server(slow).client
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "done", receipt
    assert "server_restarted" in [step["code"] for step in receipt["history"]]
    assert client.dispense(2, key="wish-1").json["request_id"] == "wish-1"
    assert slow.poured == ["wish-1"]


def test_killed_while_its_order_hangs_it_never_sends_it_again(party):
    silent = party.device(device.hang)
    first = party.server(silent, "--dispense-timeout", "60")
    first.client.wait_until_ready()
    asking = first.client.send("POST", "/api/dispense",
                               {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"})
    silent.wait_for_order()
    first.kill()
    asking.close()
    client = party.server(silent).client
    assert client.dispense(2, key="wish-1").status in {202, 504}
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "unknown" and receipt["ml_max"] == 6.3
    assert len(silent.orders) == 1


def test_a_second_instance_on_one_database_is_refused(party):
    good = party.device()
    first = party.server(good)
    code, said = run("serve", "--host", "127.0.0.1", "--port", "0", "--database", party.database,
                     "--tap", f"main={good.url}")
    assert code != 0 and str(party.database) in said, said
    first.client.wait_until_ready()
    pour_one(first.client, "wish-1")


def test_a_taken_port_is_refused_with_a_sentence_that_names_it(party):
    good = party.device()
    first = party.server(good)
    code, said = run("serve", "--host", "127.0.0.1", "--port", first.port, "--database",
                     party.folder / "other.db", "--tap", f"main={good.url}")
    assert code != 0 and str(first.port) in said, said


def test_a_backup_taken_while_pouring_is_whole(party):
    good = party.device()
    client = party.server(good).client
    client.wait_until_ready()
    stop = threading.Event()

    def guests():
        for number in range(100_000):
            if stop.is_set():
                return
            client.dispense(61, key=f"wish-{number}")

    crowd = threading.Thread(target=guests)
    crowd.start()
    try:
        for number in range(5):
            copy = party.folder / f"copy-{number}.db"
            code, said = run("backup", copy, "--database", party.database)
            assert code == 0, said
            code, said = run("check", "--database", copy)
            assert code == 0, said
    finally:
        stop.set()
        crowd.join()
    assert client.get("/healthz").status == 200


def test_a_backup_never_overwrites(party):
    good = party.device()
    party.server(good)
    precious = party.folder / "precious"
    precious.write_text("my thesis")
    code, said = run("backup", precious, "--database", party.database)
    assert code != 0 and "precious" in said
    assert precious.read_text() == "my thesis"


@pytest.fixture
def closed_log(party):
    """The database of a server that has poured twice and was ended."""
    good = party.device()
    server = party.server(good)
    server.client.wait_until_ready()
    pour_one(server.client, "wish-1")
    pour_one(server.client, "wish-2")
    assert server.stop() == 0
    copy = party.folder / "copy.db"
    assert run("backup", copy, "--database", party.database)[0] == 0
    return copy


def meddle(database, *statements):
    """What somebody with a database tool could do: triggers are dropped, and put back."""
    with sqlite3.connect(database) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()


def test_check_passes_a_true_log(closed_log):
    code, said = run("check", "--database", closed_log)
    assert code == 0, said


@pytest.mark.parametrize("change", [
    "UPDATE events SET amount_ml = 1 WHERE id = 2",
    "UPDATE events SET user_token = 'bob' WHERE id = 1",
    "UPDATE events SET status = 'failed' WHERE id = 2",
    "DELETE FROM events WHERE id = 2",
    "DELETE FROM events WHERE id = (SELECT max(id) FROM events)",
    "UPDATE pours SET amount_ml = 1",
    "UPDATE pours SET state = 'refused'",
    "DELETE FROM pours",
])
def test_check_finds_what_was_changed_by_hand(closed_log, change):
    meddle(closed_log, change)
    code, said = run("check", "--database", closed_log)
    assert code != 0 and said.strip(), "the change went unnoticed"


def test_check_finds_a_damaged_file(closed_log):
    size = closed_log.stat().st_size
    with open(closed_log, "r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * 2048)
    assert run("check", "--database", closed_log)[0] != 0


def test_a_newer_database_is_refused_and_left_alone(party):
    good = party.device()
    server = party.server(good)
    assert server.stop() == 0
    with sqlite3.connect(party.database) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        assert version > 0
        connection.execute(f"PRAGMA user_version = {version + 1}")
    connection.close()
    code, said = run("serve", "--host", "127.0.0.1", "--port", "0", "--database", party.database,
                     "--tap", f"main={good.url}")
    assert code != 0 and "newer" in said, said
    with sqlite3.connect(party.database) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version + 1,)
        connection.execute(f"PRAGMA user_version = {version}")  # for the check at the end
    connection.close()


def test_the_originals_database_is_opened_and_keeps_its_rows(party):
    with sqlite3.connect(party.database) as connection:
        connection.execute("""CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
            user_token TEXT, amount_ml INTEGER, status TEXT, reason TEXT)""")
        connection.executemany(
            "INSERT INTO events (timestamp, user_token, amount_ml, status, reason)"
            " VALUES (?, ?, ?, ?, ?)",
            [("2024-12-31 23:00:00", "ann", 30, "started", None),
             ("2024-12-31 23:00:05", "bob", 45, "failed", "No glass")])
    connection.close()
    client = party.server(party.device()).client
    client.wait_until_ready()
    pour_one(client, "wish-1")
    log = client.log()
    assert [row["id"] for row in log] == [4, 3, 2, 1]
    assert (log[3]["user_token"], log[3]["amount_ml"], log[3]["status"]) == ("ann", 30, "started")
    assert log[2]["timestamp"] == "2024-12-31 23:00:05" and log[2]["reason"] == "No glass"


def test_a_file_that_is_no_database_is_refused_and_left_alone(party):
    precious = party.folder / "letter.txt"
    precious.write_text("Dear Ann, " * 1000)
    code, said = run("serve", "--host", "127.0.0.1", "--port", "0", "--database", precious,
                     "--tap", "main=http://127.0.0.1:9")
    assert code != 0 and "letter.txt" in said, said
    assert precious.read_text() == "Dear Ann, " * 1000


def test_a_key_outlives_a_restart(party):
    good = party.device()
    first = party.server(good)
    first.client.wait_until_ready()
    pour_one(first.client, "wish-1")
    before = first.client.receipt("wish-1")
    assert first.stop() == 0
    client = party.server(good).client
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    assert client.receipt("wish-1") == before
    assert client.dispense(3, key="wish-1").status == 422
    assert good.poured == ["wish-1"]


def test_the_openapi_document_is_itself_in_order(party):
    client = party.server(party.device()).client
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.")
    promised = {("GET", "/api/status"), ("POST", "/api/dispense"), ("POST", "/api/stop"),
                ("POST", "/api/resume"), ("GET", "/api/logs"), ("GET", "/api/pours/{request_id}"),
                ("GET", "/api/events"), ("GET", "/api/why"), ("GET", "/healthz"),
                ("GET", "/metrics"), ("GET", "/api/openapi.json")}
    assert promised <= client.contract.operations()
    assert json.dumps(document).count('"$ref"') > 0


@pytest.mark.parametrize("method, path", [("POST", "/api/dispense"), ("GET", "/api/nowhere")])
def test_a_code_that_the_document_does_not_list_is_noticed(party, method, path):
    contract = party.server(party.device()).client.contract
    headers = {"Content-Type": "application/json"}

    def refused(code):
        body = {"success": False, "code": code, "reason": "Look at the machine."}
        return Answer(404, headers, json.dumps(body).encode())

    contract.check(method, path, refused("not_found"))
    with pytest.raises(AssertionError, match="lid_open"):
        contract.check(method, path, refused("lid_open"))


def test_a_code_that_the_document_does_not_list_is_noticed_in_the_live_stream(party):
    client = party.server(party.device()).client
    with client.live() as stream:
        snapshot = next(stream)
    client.contract.check_event(snapshot)
    snapshot.data["status"]["taps"][0]["faults"] = ["lid_open"]
    with pytest.raises(AssertionError, match="lid_open"):
        client.contract.check_event(snapshot)
