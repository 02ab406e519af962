"""Service runs and calibrations, end to end: the server's API, our firmware, and the cup under the
simulated machine, which can be asked what it truly holds.
"""

import pytest

from test_real_dispenser import settled_truth, wait_until_flowing


def house_with(party, *options, seed=7):
    dispenser = party.dispenser("--protocol", "2", "--seed", str(seed), *options)
    client = party.server(dispenser).client
    client.wait_until_ready()
    return dispenser, client


@pytest.fixture
def timed(party):
    return house_with(party, "--meter", "no")


@pytest.fixture
def metered(party):
    return house_with(party)


def in_cup(dispenser, key):
    """What the cup of one run holds, drops and all."""
    return sum(episode["in_glass_ml"] for episode in settled_truth(dispenser, key))


def run_into_cup(dispenser, client, key, **extent):
    """A run to its end; what the cup shows, read to 1 ml."""
    assert client.service("calibrate", key=key, **extent).status == 200
    receipt = client.wait_until_final(key)
    assert receipt["state"] == "done", receipt
    return round(in_cup(dispenser, key))


def measure(client, key, ml):
    answer = client.calibrate("measured", request_id=key, measured_ml=ml)
    assert answer.status == 200, answer
    return answer.json


def error_of_a_pour(dispenser, client, key, amount=30):
    assert client.dispense(amount, key=key).status == 200
    assert client.wait_until_final(key)["state"] == "done"
    return abs(in_cup(dispenser, key) - amount)


def in_ml(ml):
    """As the server writes it: to a tenth, half of one up, and none where it is nought."""
    whole, tenth = divmod((round(ml * 1000) + 50) // 100, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def deeds(client):
    """What was done to calibrations, oldest first."""
    return [(row["action"], row["status"], row["reason"], row["user_token"])
            for row in reversed(client.log("?limit=1000")) if row["purpose"] == "calibration"]


def pump_spans(dispenser, key):
    return [each for each in dispenser.control.truth()["episodes"] if each["request_id"] == key]


def test_a_calibration_makes_pours_closer(timed):
    dispenser, client = timed
    # Somebody misreads the cup by a fifth, and accepts it.
    cup = run_into_cup(dispenser, client, "misread", seconds=5)
    measure(client, "misread", round(cup * 1.2))
    assert client.calibrate("accept").status == 200
    before = error_of_a_pour(dispenser, client, "before")

    for number in range(3):
        cup = run_into_cup(dispenser, client, f"cup-{number}", seconds=4)
        document = measure(client, f"cup-{number}", cup)
    assert [run["request_id"] for run in document["runs"]] == ["cup-0", "cup-1", "cup-2"]
    assert document["proposal"]["from"] == "runs"
    assert 0 <= document["proposal"]["spread_percent"] < 10
    accepted = client.calibrate("accept").json
    assert accepted["flow_ml_s"] == document["proposal"]["flow_ml_s"]
    assert accepted["runs"] == [] and accepted["proposal"] is None
    assert accepted["accepted_at"] == client.calibration().json["accepted_at"]

    after = error_of_a_pour(dispenser, client, "after")
    assert after < before, f"off by {before} ml before and {after} ml after"
    assert after < 2


def test_what_was_done_is_in_the_log_in_order(timed):
    dispenser, client = timed
    cup = run_into_cup(dispenser, client, "cup", seconds=3)
    flow = client.calibration().json["flow_ml_s"]
    measure(client, "cup", cup)
    proposed = client.calibration().json["proposal"]["flow_ml_s"]
    assert client.calibrate("accept", user_token="zoe").status == 200
    assert client.calibrate("new_bottle").status == 200
    again = client.calibrate("accept")
    assert (again.status, again.json["code"]) == (409, "nothing_to_accept")
    change = f"{in_ml(proposed)} ml/s (was {in_ml(flow)} ml/s), 1 run."
    said = deeds(client)
    assert [(action, status, user) for action, status, _, user in said] == [
        ("measured", "success", "host"), ("accept", "started", "zoe"), ("accept", "success", "zoe"),
        ("new_bottle", "started", "host"), ("new_bottle", "success", "host")]
    assert f"the cup showed {cup} ml" in said[0][2]
    assert said[1][2] == f"Accepting a calibration: {change}"
    assert said[2][2] == f"Calibration accepted: {change}"
    csv = client.get("/api/logs?format=csv").body.decode().splitlines()
    assert csv[0].endswith(",purpose,action,time_zone")
    assert csv[1].endswith(",calibration,new_bottle,UTC")


def test_a_machine_as_bought_pours_once_it_is_calibrated(party):
    dispenser, client = house_with(party, "--calibrated", "no", "--meter", "no")
    refused = client.dispense(30, key="too-soon")
    assert (refused.status, refused.json["code"]) == (502, "device_refused")
    assert client.calibration().json["calibrated"] is False
    for number in range(2):
        cup = run_into_cup(dispenser, client, f"cup-{number}", seconds=4)
        measure(client, f"cup-{number}", cup)
    with dispenser.control.hand_at_the_stop_button():
        accepted = client.calibrate("accept").json
    assert (accepted["calibrated"], accepted["confirmed"]) == (True, True)
    assert error_of_a_pour(dispenser, client, "first") < 2


def test_small_portions_go_into_one_cup_under_one_id(metered):
    dispenser, client = metered
    cup = run_into_cup(dispenser, client, "cup", amount_ml=5, portions=3)
    assert len(pump_spans(dispenser, "cup")) == 3
    assert client.receipt("cup")["amount_ml"] == 15
    assert measure(client, "cup", cup)["runs"][0]["measured_ml"] == cup


def test_a_run_that_was_spilt_does_not_count(metered):
    dispenser, client = metered
    run_into_cup(dispenser, client, "cup", amount_ml=5)
    assert client.calibrate("drop_run", request_id="cup").json["runs"] == []
    gone = client.calibrate("measured", request_id="cup", measured_ml=5)
    assert (gone.status, gone.json["code"]) == (409, "no_such_run")


def test_priming_needs_a_confirmation(metered):
    dispenser, client = metered
    for more in ({}, {"confirm": False}):
        refused = client.service("prime", amount_ml=5, key="prime", **more)
        assert (refused.status, refused.json["code"]) == (400, "confirm_needed")
    assert pump_spans(dispenser, "prime") == []
    assert client.service("prime", amount_ml=5, key="prime", confirm=True).status == 200
    assert client.wait_until_final("prime")["purpose"] == "prime"
    assert 4 < in_cup(dispenser, "prime") < 6


def test_cleaning_goes_in_pulses(metered):
    dispenser, client = metered
    assert client.service("clean", seconds=3, key="wash", confirm=True).status == 200
    assert client.wait_until_final("wash")["state"] == "done"
    spans = settled_truth(dispenser, "wash")
    assert len(spans) == 3
    assert all(400 < span["pump_on_ms"] < 600 for span in spans)


def test_emptying_the_line_ends_by_itself(metered):
    dispenser, client = metered
    assert client.service("empty_line", seconds=1, key="dry", confirm=True).status == 200
    assert client.wait_until_final("dry")["purpose"] == "empty_line"
    [span] = settled_truth(dispenser, "dry")
    assert span["pump_on_ms"] <= 1100


def test_a_lifted_cup_ends_a_run(metered):
    dispenser, client = metered
    client.service("calibrate", amount_ml=200, key="cup")
    wait_until_flowing(client, 3)
    dispenser.control.glass(False)
    receipt = client.wait_until_final("cup")
    assert (receipt["state"], receipt["stop_reason"]) == ("partial", "glass_removed")
    [span] = settled_truth(dispenser, "cup")
    assert span["longest_without_glass_ms"] <= 100
    assert receipt["ml_min"] <= span["ml"] <= receipt["ml_max"]


def test_stop_ends_a_run_and_holds_the_tap(metered):
    dispenser, client = metered
    client.service("clean", seconds=60, key="wash", confirm=True)
    client.wait_for_tap(lambda tap: tap["pour"] and tap["pour"]["purpose"] == "clean")
    assert client.post("/api/stop", {"tap": "main"}).status == 200
    receipt = client.wait_until_final("wash")
    assert receipt["state"] in {"partial", "not_poured", "not_sent"}
    refused = client.service("clean", seconds=5, confirm=True)
    assert (refused.status, refused.json["code"]) == (409, "stopped")


def test_a_run_survives_a_killed_server_and_runs_once(party):
    dispenser, client = house_with(party)
    client.service("calibrate", amount_ml=40, key="cup")
    wait_until_flowing(client, 2)
    party.servers[-1].kill()
    client = party.server(dispenser).client
    receipt = client.wait_until_final("cup")
    assert (receipt["state"], receipt["purpose"]) == ("done", "calibrate")
    [span] = settled_truth(dispenser, "cup")
    assert receipt["ml_min"] <= span["ml"] <= receipt["ml_max"]
    again = client.service("calibrate", amount_ml=40, key="cup")
    assert (again.status, again.json["success"]) == (200, True)
    assert len(pump_spans(dispenser, "cup")) == 1
    assert [row["status"] for row in client.rows_of("cup")] == ["started", "success"]


def test_a_run_whose_answer_is_lost_is_settled_and_runs_once(metered):
    dispenser, client = metered
    assert dispenser.control.post("/network", {"drop_answers": 1, "only": "service"}).status == 200
    client.service("calibrate", amount_ml=5, key="cup")
    assert client.wait_until_final("cup")["state"] == "done"
    assert len(pump_spans(dispenser, "cup")) == 1


def test_one_key_is_one_run(metered):
    _, client = metered
    first = client.service("calibrate", amount_ml=5, key="cup")
    assert first.status == 200
    client.wait_until_final("cup")
    assert client.service("calibrate", amount_ml=5, key="cup").status == 200
    for other in ({"amount_ml": 6}, {"amount_ml": 5, "portions": 2}, {"seconds": 5}):
        assert client.service("calibrate", key="cup", **other).status == 422
    assert client.dispense(5, user_token="host", key="cup").status == 422


def test_nobodys_totals_count_a_service_run(metered):
    dispenser, client = metered
    client.dispense(5, key="drink")
    client.wait_until_final("drink")
    totals = client.get("/api/totals").json["taps"]
    run_into_cup(dispenser, client, "cup", amount_ml=10)
    assert client.get("/api/totals").json["taps"] == totals
    assert client.tap()["last"]["request_id"] == "drink"
    assert [row["purpose"] for row in client.rows_of("cup")] == ["calibrate"] * 2
    assert [row["purpose"] for row in client.rows_of("drink")] == ["pour"] * 2


def test_a_guest_waits_while_the_machine_is_served(metered):
    _, client = metered
    client.service("calibrate", amount_ml=20, key="cup")
    refused = client.dispense(5)
    assert (refused.status, refused.json["code"]) == (409, "busy")
    busy = client.calibrate("new_bottle")
    assert (busy.status, busy.json["code"]) == (409, "busy")
    assert deeds(client)[-1][:2] == ("new_bottle", "failed")
    client.wait_until_final("cup")


def test_a_run_is_never_larger_than_a_cup(metered):
    _, client = metered
    for wrong in ({"amount_ml": 201}, {"amount_ml": 0}, {"seconds": 20.5}, {"seconds": 0.4},
                  {"amount_ml": 101, "portions": 2}, {}, {"amount_ml": 5, "seconds": 5}):
        assert client.service("calibrate", **wrong).status == 400, wrong
    assert client.service("clean", seconds=61, confirm=True).status == 400
    assert client.service("clean", amount_ml=10, confirm=True).status == 400
    assert client.dispense(61).status == 400


def test_an_empty_bottle_proposes_a_flow(party):
    dispenser, client = house_with(party, "--meter", "no")
    early = client.calibrate("bottle_empty")
    assert (early.status, early.json["code"]) == (409, "not_enough_poured")
    assert client.calibrate("new_bottle").status == 200
    bottle = client.calibration().json["bottle_ml"]
    # 650 ml out of 700 ml: then somebody says that the bottle is empty.
    for number, amount in enumerate((200, 200, 200, 50)):
        client.service("calibrate", amount_ml=amount, key=f"cup-{number}")
        client.wait_until_final(f"cup-{number}", seconds=60)
    document = client.calibrate("bottle_empty").json
    proposal = document["proposal"]
    assert proposal["from"] == "bottle"
    assert proposal["flow_ml_s"] > document["flow_ml_s"], "more left it than was reckoned"
    assert document["bottle_poured_ml"] < bottle
    accepted = client.calibrate("accept").json
    assert accepted["flow_ml_s"] == proposal["flow_ml_s"]
    assert [deed[:2] for deed in deeds(client)] == [
        ("new_bottle", "started"), ("new_bottle", "success"), ("bottle_empty", "success"),
        ("accept", "started"), ("accept", "success")]
    assert deeds(client)[-1][2].endswith(", from an empty bottle.")


def test_faults_are_cleared_by_name(party):
    dispenser, client = house_with(party)
    assert dispenser.control.post("/clog", {"clogged": True}).status == 200
    client.service("calibrate", amount_ml=20, key="cup")
    client.wait_until_final("cup")
    client.wait_for_tap(lambda tap: tap["faults"] == ["no_flow"])
    assert client.service("calibrate", amount_ml=5).json["code"] == "device_fault"
    assert dispenser.control.post("/clog", {"clogged": False}).status == 200
    unseen = client.calibrate("clear_faults", faults="")
    assert (unseen.status, unseen.json["code"]) == (409, "changed_meanwhile")
    assert client.calibrate("clear_faults", faults="no_flow").status == 200
    client.wait_until_ready()
    assert deeds(client)[-1][:3] == ("clear_faults", "success", "Faults cleared: no_flow.")


def test_a_device_of_the_original_contract_refuses_politely(party):
    dispenser = party.dispenser("--protocol", "1", "--seed", "7")
    client = party.server(dispenser).client
    client.wait_until_ready()
    refused = client.service("calibrate", amount_ml=5, key="cup")
    assert (refused.status, refused.json["code"]) == (409, "service_unsupported")
    assert "our firmware" in refused.json["reason"]
    assert dispenser.control.truth()["episodes"] == []
    for answer in (client.calibration(), client.calibrate("accept")):
        assert (answer.status, answer.json["code"]) == (409, "service_unsupported")
    assert deeds(client) == []


def test_a_machine_out_of_reach_is_told_so(metered):
    dispenser, client = metered
    dispenser.control.power(False)
    client.wait_for_tap(lambda tap: not tap["online"])
    for answer in (client.calibration(), client.calibrate("accept")):
        assert (answer.status, answer.json["code"]) == (503, "offline")
    assert client.service("calibrate", amount_ml=5).status == 503
    assert client.calibration(tap="nowhere").status == 404
    assert deeds(client) == []


def test_an_acceptance_whose_answer_is_lost_is_told_as_not_known(timed):
    dispenser, client = timed
    cup = run_into_cup(dispenser, client, "cup", seconds=3)
    proposal = measure(client, "cup", cup)["proposal"]
    # The look that comes first is answered, the acceptance is done but not answered.
    network = {"hang_answers": 0, "drop_answers": 1, "only": "calibration"}
    assert dispenser.control.post("/network", network).status == 200
    assert client.calibration().status == 503
    assert dispenser.control.post("/network", network).status == 200
    lost = client.calibrate("measured", request_id="cup", measured_ml=cup)
    assert (lost.status, lost.json["code"]) == (504, "no_answer")
    assert measure(client, "cup", cup)["proposal"] == proposal, "to repeat it does no harm"


def test_a_machine_that_demands_guards_is_served(party):
    """As one does that has a key: order, run and every act of calibration say until when."""
    dispenser, client = house_with(party, "--demand-guards")
    assert client.dispense(15, key="guest").status == 200
    assert client.wait_until_final("guest")["state"] == "done"
    measured = run_into_cup(dispenser, client, "run", amount_ml=50)
    measure(client, "run", measured)
    for action in ("discard", "new_bottle", "clear_faults"):
        assert client.calibrate(action).status == 200, action


def test_a_calibration_outlives_a_power_cut(timed):
    dispenser, client = timed
    cup = run_into_cup(dispenser, client, "cup", seconds=3)
    measure(client, "cup", cup)
    accepted = client.calibrate("accept").json
    dispenser.control.power(False)
    client.wait_for_tap(lambda tap: not tap["online"])
    dispenser.control.power(True)
    client.wait_until_ready()
    again = client.calibration().json
    assert again["flow_ml_s"] == accepted["flow_ml_s"]
    assert again["accepted_at"] == accepted["accepted_at"]
