"""The server with our own firmware behind it, both contracts, and physics that can be asked for
the truth.
"""

import time

import pytest

import processes


def settled_truth(dispenser, request_id):
    """What physically flowed for one request, the last drop included: its episodes."""
    def episodes_in(truth):
        return [each for each in truth["episodes"] if each["request_id"] == request_id]

    truth = dispenser.control.wait_for_truth(
        lambda truth: all(episode["final"] for episode in episodes_in(truth)))
    assert truth is not None, f"it still drips: {dispenser.control.truth()}"
    assert truth["pump_on"] is False
    return episodes_in(truth)


@pytest.fixture(params=["1", "2"], ids=["protocol-1", "protocol-2"])
def pair(party, request):
    dispenser = party.dispenser("--protocol", request.param, "--seed", "7")
    client = party.server(dispenser).client
    client.wait_until_ready()
    return dispenser, client


def test_what_the_receipt_says_is_what_flowed(pair):
    dispenser, client = pair
    for number, amount in enumerate((1, 5, 15)):
        key = f"wish-{number}"
        assert client.dispense(amount, key=key).status == 200
        receipt = client.wait_until_final(key)
        assert receipt["state"] == "done", receipt
        [episode] = settled_truth(dispenser, key)
        assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]


def test_a_tag_on_the_reader_is_told_live(pair):
    dispenser, client = pair
    with client.live() as stream:
        assert next(stream).data["status"]["taps"][0]["tag"] is None
        for uid in ("04A2247C9F6180", None, "A0B1C2D3"):
            dispenser.control.tag(uid)
            stream.wait_for(lambda event: event.name == "tap" and event.data["tap"]["tag"] == uid,
                            seconds=10)
    dispenser.control.power(False)
    client.wait_for_tap(lambda tap: not tap["online"] and tap["tag"] is None)
    dispenser.control.power(True)
    client.wait_for_tap(lambda tap: tap["tag"] == "A0B1C2D3")


def test_the_truth_has_the_time_of_day(pair):
    dispenser, client = pair
    before = time.time() * 1000
    client.dispense(5, key="wish-1")
    client.wait_until_final("wish-1")
    [episode] = settled_truth(dispenser, "wish-1")
    assert before - 2 <= episode["began_ms"] <= time.time() * 1000
    assert episode["began_ms"] <= client.receipt("wish-1")["updated_at"] * 1000 + 2


@pytest.fixture
def measured(party):
    dispenser = party.dispenser("--protocol", "2", "--seed", "7", "--meter", "yes")
    client = party.server(dispenser).client
    client.wait_until_ready()
    return dispenser, client


def wait_until_flowing(client, ml):
    return client.wait_for_tap(
        lambda tap: tap["pour"] and (tap["pour"]["delivered_ml"] or 0) >= ml)


def test_the_fill_is_live(measured):
    _, client = measured
    seen = []
    with client.live() as stream:
        client.dispense(10, key="wish-1")
        for event in stream:
            if event.name == "tap" and event.data["tap"]["pour"]:
                seen.append(event.data["tap"]["pour"]["delivered_ml"] or 0)
            if event.name == "log" and event.data["row"]["status"] != "started":
                break
    assert seen == sorted(seen) and len(set(seen)) >= 3, seen


def test_a_lifted_glass_stops_the_pour_and_the_log_says_partial(measured):
    dispenser, client = measured
    client.dispense(60, key="wish-1")
    wait_until_flowing(client, 5)
    dispenser.control.glass(False)
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "partial" and receipt["stop_reason"] == "glass_removed"
    assert receipt["measured_by"] == "meter" and 5 <= receipt["delivered_ml"] < 60
    [episode] = settled_truth(dispenser, "wish-1")
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
    last = client.rows_of("wish-1")[-1]
    assert last["outcome"] == "partial" and last["delivered_ml"] == receipt["delivered_ml"]
    assert last["code"] == receipt["code"] and last["stop_reason"] == "glass_removed"
    [total] = client.get("/api/totals").json["taps"]
    assert total == {"tap": "main", "pours": 1, "delivered_ml": receipt["delivered_ml"]}
    assert client.dispense(2).json["code"] == "no_glass"
    dispenser.control.glass(True)
    client.wait_until_ready()


def test_a_pour_ordered_at_the_machine_itself_is_a_row_of_the_log(party):
    dispenser = party.dispenser("--seed", "5")
    straight = processes.Control(dispenser.port)  # at the machine, past the server

    def until(holds):
        status = straight.get("/status").json
        while not holds(status):
            status = straight.get(f"/status?after={status['version']}&wait_ms=5000").json

    def pours_by_itself(number):
        until(lambda status: status["glass_present"] and status["state"] == "idle")
        key = f"straight-{number}"
        assert straight.post("/dispense", {"amount_ml": 5, "request_id": key}).status == 200
        until(lambda status: key in [each["request_id"] for each in status["recent"]])
        settled_truth(dispenser, key)

    def found(client):
        return [row["request_id"] for row in client.log()
                if row["code"] == "ordered_at_machine"]

    pours_by_itself(1)  # before anybody knows the machine
    server = party.server(dispenser)
    server.client.wait_until_ready()
    pours_by_itself(2)
    receipt = server.client.wait_until_final("straight-2")
    assert receipt["state"] == "done" and receipt["measured_by"] in ("time", "meter"), receipt
    [episode] = settled_truth(dispenser, "straight-2")
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
    assert "at the machine itself" in server.client.rows_of("straight-2")[0]["reason"]

    server.kill()
    pours_by_itself(3)
    client = party.server(dispenser).client
    assert client.wait_until_final("straight-3")["state"] == "done"
    client.dispense(5, key="wish-1")
    client.wait_until_final("wish-1")
    assert found(client) == ["straight-3", "straight-2"], "each once, and none from before"


def test_a_guests_stop_ends_the_pour_and_holds_nothing(measured):
    dispenser, client = measured
    client.dispense(60, key="wish-1")
    wait_until_flowing(client, 3)
    answer = client.post("/api/stop", {"request_id": "wish-1"})
    assert answer.status == 200 and answer.json["taps"][0]["code"] == "stopped"
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "partial" and receipt["stop_reason"] == "stop_requested"
    client.wait_until_ready()


def test_stops_of_unknown_orders_change_nothing(measured):
    """A stranger sends them to the machine itself, while it pours and after."""
    dispenser, client = measured
    client.dispense(15, key="wish-1")
    wait_until_flowing(client, 1)
    stranger = dispenser.machine
    answers = [stranger.post("/stop", {"request_id": f"strange-{number}"}).status
               for number in range(60)]
    assert answers[:8] == [200] * 8 and 503 in answers
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "meter", receipt
    stranger.post("/stop", {"request_id": "strange-last"})
    again = stranger.post("/dispense", {"amount_ml": 15, "request_id": "wish-1"})
    assert again.json == {"ok": True, "request_id": "wish-1", "repeated": True}
    [episode] = settled_truth(dispenser, "wish-1")
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
    assert client.dispense(5, key="wish-2").status == 200
    assert client.wait_until_final("wish-2")["state"] == "done"


def test_stop_all_stops_every_pump_and_holds_them(party):
    taps = {name: party.dispenser("--seed", name[-1]) for name in ("tap1", "tap2", "tap3")}
    client = party.server(taps).client
    for name in taps:
        client.wait_until_ready(name)
        assert client.dispense(60, tap=name, key=f"wish-{name}").status == 200
    answer = client.post("/api/stop", {})
    codes = {tap["tap"]: tap["code"] for tap in answer.json["taps"]}
    assert codes == dict.fromkeys(taps, "stopped")
    for name, dispenser in taps.items():
        assert client.wait_until_final(f"wish-{name}")["state"] in {"partial", "not_poured"}
        assert dispenser.control.truth()["pump_on"] is False
        assert client.dispense(2, tap=name).json["code"] == "stopped"


def test_power_lost_in_mid_pour_is_settled_from_the_journal(measured):
    dispenser, client = measured
    client.dispense(60, key="wish-1")
    wait_until_flowing(client, 5)
    dispenser.control.power(False)
    client.wait_for_tap(lambda tap: not tap["online"])
    dispenser.control.power(True)
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "partial", receipt
    [episode] = settled_truth(dispenser, "wish-1")
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
    client.wait_until_ready()


def test_an_empty_bottle_is_a_fault_and_not_a_full_glass(measured):
    dispenser, client = measured
    assert dispenser.control.post("/bottle", {"ml": 8}).status == 200
    client.dispense(30, key="wish-1")
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "partial" and receipt["stop_reason"] == "no_flow"
    [episode] = settled_truth(dispenser, "wish-1")
    assert episode["ml"] <= 8 and receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
    assert "no_flow" in client.tap()["faults"]


@pytest.mark.parametrize("trouble", ["drop_answers", "garbage_answers", "hang_answers"])
def test_an_answer_lost_on_the_way_is_found_in_the_ring(measured, trouble):
    dispenser, client = measured
    fault = {trouble: 1, "only": "dispense"}
    assert dispenser.control.post("/network", fault).status == 200
    client.dispense(3, key="wish-1")
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] == "done" and receipt["measured_by"] == "meter", receipt
    [episode] = settled_truth(dispenser, "wish-1")
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]
