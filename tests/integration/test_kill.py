"""kill -9 of the server at many moments of a pour, with real processes and a real file. After a
restart the log must agree with what physically flowed, and asking again with the same key must
not pour again.

    ./dev test integration                      a fair number of moments, spread over the pour
    python3 -m pytest tests/integration/test_kill.py --kill-moments 500
"""

import threading

import pytest

AMOUNT_ML = 4
POUR_SECONDS = 1.2  # a little longer than such a pour takes, so that the last moments lie after it

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def dispenser(request, tmp_path_factory):
    from conftest import Party
    house = Party(tmp_path_factory.mktemp("dispenser"))
    yield house.dispenser("--protocol", request.param, "--seed", "11")
    house.close()


def episodes_of(dispenser, key):
    return [e for e in dispenser.control.truth()["episodes"] if e["request_id"] == key]


def test_the_log_agrees_with_the_truth_wherever_the_server_was_killed(party, dispenser, moment):
    key = f"kill-{moment:.4f}"
    dispenser.control.post("/bottle", {"ml": 700})
    first = party.server(dispenser)
    first.client.wait_until_ready()
    asking = first.client.send("POST", "/api/dispense", {
        "amount_ml": AMOUNT_ML, "user_token": "ann", "request_id": key})
    threading.Event().wait(moment * POUR_SECONDS)  # the moment itself is what is tried here
    first.kill()
    asking.close()

    client = party.server(dispenser).client
    if client.get(f"/api/pours/{key}").status == 404:
        assert episodes_of(dispenser, key) == [], "it poured without a row"
        client.wait_until_ready()
    again = client.dispense(AMOUNT_ML, user_token="ann", key=key)
    assert again.status in {200, 202, 502, 503, 504}, again
    receipt = client.wait_until_final(key)
    client.wait_for_tap(lambda tap: tap["state"] == "idle")

    print([step["code"] for step in receipt["history"]])  # pytest -rP: which moments were met

    episodes = episodes_of(dispenser, key)
    flowed = sum(episode["ml"] for episode in episodes)
    assert len(episodes) <= 1, f"poured twice: {episodes}"
    assert receipt["ml_min"] <= flowed <= receipt["ml_max"], (flowed, receipt)
    assert (receipt["status"] == "success") <= (len(episodes) == 1)
    if receipt["state"] in {"not_sent", "rejected", "not_poured", "refused"}:
        assert episodes == [], receipt
    rows = [row["status"] for row in client.rows_of(key)]
    assert rows in (["started", "success"], ["started", "failed"]), rows
