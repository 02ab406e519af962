"""The server's API as a guest and a host use it, with a well-behaved device of the seed's
contract.
"""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from client import read_answer
from device import answer as tell


@pytest.fixture
def pair(party):
    """A ready server with one good device."""
    good = party.device()
    server = party.server(good)
    server.client.wait_until_ready()
    return good, server.client


def test_the_status_speaks_the_seeds_words(pair):
    _, client = pair
    status = client.status()
    assert status["server_online"] is True and status["esp_online"] is True
    assert status["is_pouring"] is False
    seed = status["esp_status"]
    assert seed["state"] == "idle" and seed["glass_present"] is True and seed["uptime"] >= 1000


def test_the_status_tells_what_a_page_wants_to_show(party):
    left, right = party.device(), party.device()
    server = party.server({"left": left, "right": right}, "--drink", "left=Gin & Tonic",
                          "--public-url", "http://bar.example:5000/")
    status = server.client.status()
    assert status["public_url"] == "http://bar.example:5000"
    assert [tap["drink"] for tap in status["taps"]] == ["Gin & Tonic", None]
    with server.client.live() as stream:
        snapshot = next(stream).data["status"]
    assert snapshot["public_url"] == status["public_url"]
    assert snapshot["taps"][0]["drink"] == "Gin & Tonic"


def test_nobody_has_to_say_what_a_page_may_show(pair):
    _, client = pair
    assert client.status()["public_url"] is None
    tap = client.tap()
    assert tap["drink"] is None and tap["tag"] is None


def test_a_device_of_the_seeds_contract_may_tell_of_its_tag(party):
    reader = {"nfc_ready": True, "nfc_tag_present": True, "nfc_uid": "04A2247C9F6180"}

    def status(device, connection):
        tell(connection, 200, {"state": "idle", "glass_present": True, "uptime": device.uptime,
                               **reader})

    good = party.device(status=status)
    client = party.server(good).client
    client.wait_for_tap(lambda tap: tap["tag"] == "04A2247C9F6180")
    reader["nfc_tag_present"] = False
    client.wait_for_tap(lambda tap: tap["online"] and tap["tag"] is None)
    reader["nfc_tag_present"] = True
    client.wait_for_tap(lambda tap: tap["tag"] == "04A2247C9F6180")
    good.close()
    client.wait_for_tap(lambda tap: not tap["online"] and tap["tag"] is None)


def test_the_same_key_and_body_get_the_same_answer_and_one_pour(pair):
    good, client = pair
    first = client.dispense(2, key="wish-1")
    again = client.dispense(2, key="wish-1")
    assert first.status == again.status == 200
    assert client.wait_until_final("wish-1")["state"] == "done"
    after = client.dispense(2, key="wish-1")
    assert after.status == 200 and after.json["request_id"] == "wish-1"
    assert good.poured == ["wish-1"]


def test_a_storm_of_one_key_is_one_pour(pair):
    good, client = pair
    wish = {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"}
    storm = [client.send("POST", "/api/dispense", wish) for _ in range(50)]
    statuses = set()
    for connection in storm:
        statuses.add(read_answer(connection).status)
    # The pour itself, "known, not settled yet", and "you ask too often" are all true answers.
    assert statuses <= {200, 202, 429} and 200 in statuses, statuses
    assert client.wait_until_final("wish-1")["state"] == "done"
    assert good.poured == ["wish-1"]


def test_the_key_may_come_as_a_header(pair):
    good, client = pair
    wish = {"amount_ml": 2, "user_token": "ann"}
    header = {"Idempotency-Key": "wish-1"}
    for _ in range(2):
        answer = client.post("/api/dispense", wish, **header)
        assert answer.status == 200 and answer.json["request_id"] == "wish-1"
    assert good.poured == ["wish-1"]
    both = client.post("/api/dispense", {**wish, "request_id": "wish-2"}, **header)
    assert both.status == 400, "two different keys contradict each other"


@pytest.mark.parametrize("other", [{"amount_ml": 3}, {"user_token": "bob"}, {"tap": "second"}])
def test_the_same_key_with_another_body_is_refused(party, other):
    good, second = party.device(), party.device()
    client = party.server({"main": good, "second": second}).client
    client.wait_until_ready()
    client.wait_until_ready("second")
    wish = {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"}
    assert client.post("/api/dispense", wish).status == 200
    answer = client.post("/api/dispense", {**wish, **other})
    assert answer.status == 422 and answer.json["code"] == "key_conflict"
    assert client.wait_until_final("wish-1")["amount_ml"] == 2
    assert good.poured == ["wish-1"] and second.orders == []


def test_a_client_that_leaves_after_asking_still_has_its_pour_logged(pair):
    good, client = pair
    client.send("POST", "/api/dispense",
                {"amount_ml": 2, "user_token": "ann", "request_id": "wish-1"}).close()
    good.wait_for_pour()
    assert client.wait_until_final("wish-1")["state"] == "done"


@pytest.mark.parametrize("amount, code", [(0, "amount_out_of_range"), (61, "amount_out_of_range"),
                                          (-1, "amount_out_of_range")])
def test_an_amount_outside_1_to_60_is_refused_and_logged(pair, amount, code):
    good, client = pair
    answer = client.dispense(amount, key="wish-1")
    assert answer.status == 400 and answer.json["code"] == code
    assert good.orders == []


def test_sixty_ml_is_allowed(party):
    good = party.device()
    client = party.server(good).client
    client.wait_until_ready()
    assert client.dispense(60, key="wish-1").status == 200
    assert client.wait_until_final("wish-1")["state"] == "done"


def test_an_unknown_tap_and_an_unknown_pour_are_404(pair):
    _, client = pair
    assert client.dispense(2, tap="cellar").status == 404
    missing = client.get("/api/pours/never-seen")
    assert missing.status == 404 and missing.json["code"] == "unknown_request"
    assert client.get("/api/why?tap=cellar").status == 404


def test_the_receipt_tells_the_whole_story(pair):
    _, client = pair
    client.dispense(2, user_token="ann", key="wish-1")
    receipt = client.wait_until_final("wish-1")
    assert receipt["final"] is True and receipt["status"] == "success"
    assert receipt["user_token"] == "ann" and receipt["amount_ml"] == 2
    steps = [(step["from"], step["to"]) for step in receipt["history"]]
    assert steps == [("new", "sending"), ("sending", "accepted"), ("accepted", "done")]
    times = [step["at"] for step in receipt["history"]]
    assert times == sorted(times) and receipt["started_at"] <= receipt["updated_at"]


def test_why_names_every_interlock_and_what_to_do(party):
    bare = party.device(glass=False)
    client = party.server(bare).client
    client.wait_for_tap(lambda tap: tap["online"])
    why = client.get("/api/why?tap=main").json
    assert why["ready"] is False
    failing = [lock for lock in why["interlocks"] if not lock["ok"]]
    assert [lock["action"] for lock in failing] == ["Place a glass."]
    assert all(lock["action"] == "" for lock in why["interlocks"] if lock["ok"])


def test_stop_all_holds_the_taps_over_a_restart_until_resumed(party):
    good = party.device()
    server = party.server(good)
    server.client.wait_until_ready()
    stopped = server.client.post("/api/stop", {})
    assert stopped.status == 200 and stopped.json["taps"][0]["code"] == "not_pouring"
    assert server.client.dispense(2).json["code"] == "stopped"
    assert server.stop() == 0
    client = party.server(good).client
    stop = client.wait_for_tap(lambda tap: tap["online"] and tap["stopped"])["stop_id"]
    answer = client.dispense(2)
    assert answer.status == 409 and answer.json["code"] == "stopped"
    assert client.post("/api/resume", {"tap": "main", "stop": stop}).status == 200
    client.wait_until_ready()
    assert client.dispense(2).status == 200


def test_a_device_of_the_seed_cannot_be_stopped_and_that_is_said(party):
    slow = party.device(flow_ml_s=0.5)
    client = party.server(slow).client
    client.wait_until_ready()
    client.dispense(2, key="wish-1")
    answer = client.post("/api/stop", {"tap": "main"})
    assert answer.status == 200 and answer.json["taps"][0]["code"] == "cannot_stop"
    assert client.wait_until_final("wish-1")["state"] == "done"


def pour_many(client, count):
    for number in range(count):
        client.dispense(61, user_token=f"guest-{number}", key=f"wish-{number}")


def test_the_log_is_newest_first_and_pages_by_id(pair):
    _, client = pair
    pour_many(client, 25)
    everything = client.log("?limit=1000")
    ids = [row["id"] for row in everything]
    assert ids == list(range(25, 0, -1)), "newest first, no gap"
    assert client.log("?limit=10") == everything[:10]
    pages, before = [], ""
    while page := client.log(f"?limit=10{before}"):
        pages += page
        before = f"&before_id={page[-1]['id']}"
    assert pages == everything
    assert [row["id"] for row in client.log("?after_id=22")] == [25, 24, 23]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", everything[0]["timestamp"])


def test_the_log_filters_by_tap_person_and_status(party):
    left, right = party.device(), party.device()
    client = party.server({"left": left, "right": right}).client
    for tap, user, key in (("left", "ann", "a"), ("right", "bob", "b"), ("right", "ann", "c")):
        client.wait_until_ready(tap)
        client.dispense(1, user_token=user, key=key, tap=tap)
        client.wait_until_final(key)
    client.dispense(61, user_token="bob", key="d", tap="left")
    wanted = {"?tap=right": {"b", "c"}, "?user=ann": {"a", "c"}, "?status=failed": {"d"},
              "?status=success&tap=right&user=ann": {"c"}}
    for query, keys in wanted.items():
        assert {row["request_id"] for row in client.log(query)} == keys, query


def test_the_log_says_what_for_and_why(pair):
    _, client = pair
    client.dispense(2, key="wish-1")
    client.wait_until_final("wish-1")
    client.dispense(61, key="wish-2")
    said = {(row["request_id"], row["status"]): row["code"] for row in client.log()}
    assert said[("wish-1", "started")] == "checks_passed"
    assert said[("wish-1", "success")] == client.receipt("wish-1")["code"]
    assert said[("wish-2", "failed")] == "amount_out_of_range"
    assert {row["stop_reason"] for row in client.log()} == {None}


def test_the_log_filters_by_time(pair):
    _, client = pair
    pour_many(client, 12)
    rows = client.log()
    times = sorted({row["timestamp_ms"] for row in rows})
    for since in (times[0], times[len(times) // 2], times[-1] + 1):
        for until in (times[0], times[len(times) // 2], times[-1] + 1):
            expected = [row for row in rows if since <= row["timestamp_ms"] < until]
            query = f"?since={since / 1000:.3f}&until={until / 1000:.3f}"
            assert client.log(query) == expected
            assert client.log(query + "&user=guest-3&status=failed&tap=main") == [
                row for row in expected if row["user_token"] == "guest-3"]
            lines = client.get(f"/api/logs{query}&format=csv").body.decode().splitlines()
            assert len(lines) == 1 + len(expected)
    assert client.log(f"?since={times[0] // 1000}") == rows


def test_the_totals_add_up(party):
    left, right = party.device(), party.device()
    client = party.server({"left": left, "right": right}).client
    for tap, amount, key in (("left", 2, "a"), ("left", 3, "b"), ("right", 4, "c")):
        client.wait_until_ready(tap)
        client.dispense(amount, key=key, tap=tap)
        client.wait_until_final(key)
    client.dispense(61, tap="left", key="refused")
    totals = client.get("/api/totals?since=0").json
    assert totals == {"since": 0, "taps": [{"tap": "left", "pours": 2, "delivered_ml": 5},
                                           {"tap": "right", "pours": 1, "delivered_ml": 4}]}
    assert client.get("/api/totals").json == totals
    since = client.receipt("b")["started_at"]
    later = client.get(f"/api/totals?since={since:.3f}").json
    assert [tap["pours"] for tap in later["taps"]] == [1, 1]
    answer = client.get("/api/totals?since=today")
    assert answer.status == 400 and "since" in answer.json["reason"]


def test_the_csv_says_the_same_as_the_json(pair):
    _, client = pair
    client.dispense(2, user_token='Zoë "Z", the 1st', key="wish-1")
    client.wait_until_final("wish-1")
    answer = client.get("/api/logs?format=csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.body.startswith(b"\xef\xbb\xbfid,timestamp,"), "Excel knows UTF-8 by its mark"
    table = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    rows = client.log()
    assert [int(line["id"]) for line in table] == [row["id"] for row in rows]
    assert [line["user_token"] for line in table] == ['Zoë "Z", the 1st'] * 2
    assert [line["status"] for line in table] == ["success", "started"]
    assert [line["code"] for line in table] == [row["code"] for row in rows]
    assert [line["purpose"] for line in table] == ["pour", "pour"]
    assert list(table[0])[-5:] == ["code", "stop_reason", "purpose", "action", "time_zone"]
    for line, row in zip(table, rows, strict=True):
        assert line["time_zone"] == "UTC"
        there = datetime.fromisoformat(line["timestamp"]).replace(tzinfo=UTC)
        assert there.timestamp() == row["timestamp_ms"] // 1000, line


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=abc", "limit=-1", "before_id=x",
                                   "after_id=-1", "status=perhaps", "format=xml", "limit=1e2",
                                   "since=today", "since=-1", "until=1e9", "until=",
                                   "until=x&format=csv"])
def test_a_bad_query_is_refused_by_name(pair, query):
    _, client = pair
    answer = client.get(f"/api/logs?{query}")
    assert answer.status == 400 and query.partition("=")[0] in answer.json["reason"], answer


def test_health_and_metrics_answer(pair):
    _, client = pair
    assert client.get("/healthz").json["ok"] is True
    metrics = client.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    sample = re.compile(r"[a-z0-9_:]+(\{[^}]*\})? [-+0-9.eInfNa]+")
    for line in metrics.body.decode().splitlines():
        assert line.startswith("#") or sample.fullmatch(line), line
