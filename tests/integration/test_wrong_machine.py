"""Machines that change places: no order at the wrong one, no false word about a pour, and a host
who says which machine is whose.
"""

import re

import pytest

ONE, OTHER = "0000000000000001", "0000000000000002"


def is_of_another_machine(tap):
    return tap["blocked_by"] is not None and tap["blocked_by"]["code"] == "wrong_machine"


@pytest.fixture
def bar(party):
    """Two taps, each with a machine of its own, and what the server needs to be started again."""
    machines = {"left": party.dispenser("--seed", "1", "--machine-id", ONE),
                "right": party.dispenser("--seed", "2", "--machine-id", OTHER)}
    return Bar(party, machines)


class Bar:
    def __init__(self, party, machines):
        self.party, self.machines = party, machines
        self.start(machines)
        for name in machines:
            self.client.wait_until_ready(name)

    def start(self, machines):
        self.server = self.party.server(machines)
        self.client = self.server.client

    def start_again(self, **machines):
        assert self.server.stop() == 0
        self.start(machines)

    def swap(self):
        self.start_again(left=self.machines["right"], right=self.machines["left"])
        for name in self.machines:
            self.wait_until_blocked(name)

    def wait_until_blocked(self, name):
        return self.client.wait_for_tap(is_of_another_machine, name)

    def why(self, name):
        return self.client.get(f"/api/why?tap={name}").json

    def adopt(self, name, machine_id, **more):
        return self.client.post(f"/api/taps/{name}/machine",
                                {"action": "adopt", "machine_id": machine_id, **more})

    def episodes(self):
        return [episode for machine in self.machines.values()
                for episode in machine.control.truth()["episodes"]]


def test_two_machines_with_each_others_address_pour_nothing_and_are_named(bar):
    bar.swap()
    for name, machine_id in (("left", OTHER), ("right", ONE)):
        answer = bar.client.dispense(2, tap=name, key=f"wish-{name}")
        assert answer.status == 409 and answer.json["code"] == "wrong_machine", answer
        why = bar.why(name)
        assert not why["ready"]
        assert why["machine"]["says_id"] == machine_id
        assert why["machine"]["mismatch"] == "another_machine"
        [lock] = [lock for lock in why["interlocks"] if lock["name"] == "right_machine"]
        assert machine_id in lock["value"] and lock["action"]
    assert bar.episodes() == []
    assert len(re.findall(r"It gets no order", bar.server.said)) == 2
    bar.start_again(**bar.machines)
    for name in bar.machines:
        bar.client.wait_until_ready(name)


def wait_until_proved(client, request_id):
    """The receipt of a pour once its machine has said what flowed, late or in time."""
    def proved(_):
        receipt = client.receipt(request_id)
        return receipt if receipt["state"] in ("done", "partial") else None

    with client.live() as stream:
        return stream.wait_for(proved, 40)


@pytest.mark.parametrize("settled_here", [False, True], ids=["in-time", "late"])
def test_a_machine_in_anothers_place_does_not_prove_that_nothing_flowed(bar, settled_here):
    assert bar.client.dispense(10, tap="left", key="lost").status == 200
    bar.server.kill()
    # The other machine's record is whole and without this pour: of the tap's own that were proof.
    bar.start({"left": bar.machines["right"], "right": bar.machines["left"]})
    bar.client.wait_for_tap(lambda tap: tap["online"], "left")
    assert bar.why("left")["machine"]["mismatch"] == "another_machine"
    if not settled_here:
        assert not bar.client.receipt("lost")["final"]
        bar.server.kill()
        bar.start(bar.machines)
    else:
        receipt = bar.client.wait_until_final("lost")
        assert (receipt["state"], receipt["code"]) == ("unknown", "wrong_machine")
        assert receipt["ml_min"] == 0 and receipt["ml_max"] >= 10
        bar.start_again(**bar.machines)
    receipt = wait_until_proved(bar.client, "lost")
    [episode] = bar.episodes()
    assert receipt["ml_min"] <= episode["ml"] <= receipt["ml_max"]


def test_a_host_takes_the_new_machine_over_and_a_restart_remembers(bar):
    bar.swap()
    assert bar.adopt("left", ONE).status == 409, "it is not the one that answers"
    assert bar.adopt("left", OTHER, user_token="host").status == 200
    bar.client.wait_until_ready("left")
    bar.client.wait_until_ready("right")  # it knew none any more, and took what answers there
    [row] = [row for row in bar.client.log() if row["purpose"] == "machine"]
    assert (row["action"], row["user_token"], row["tap"]) == ("adopt", "host", "left")
    bar.server.kill()
    bar.start({"left": bar.machines["right"], "right": bar.machines["left"]})
    assert bar.client.wait_until_ready("left")["ready"]
    assert bar.why("left")["machine"]["known_id"] == OTHER
    assert bar.client.dispense(2, tap="left", key="mine").status == 200
    assert bar.client.wait_until_final("mine")["state"] == "done"
    bar.start_again(**bar.machines)
    bar.wait_until_blocked("left")


def test_a_machine_is_not_taken_over_after_the_hosts_deadline(bar):
    bar.swap()
    bar.wait_until_blocked("left")
    status = bar.client.status()
    late = {"server_id": status["server_id"], "expires_ms": status["uptime_ms"] - 1}
    answer = bar.adopt("left", OTHER, **late)
    assert answer.status == 409 and answer.json["code"] == "too_late", answer
    assert bar.why("left")["machine"]["known_id"] == ONE
    assert bar.adopt("left", OTHER, expires_ms=5).status == 400
    in_time = {"server_id": status["server_id"], "expires_ms": status["uptime_ms"] + 60_000}
    assert bar.adopt("left", OTHER, **in_time).status == 200


def test_a_machine_that_says_it_is_another_tap_gets_no_order(party):
    terrace = party.dispenser("--tap", "terrace")
    client = party.server({"bar": terrace}).client
    client.wait_for_tap(is_of_another_machine, "bar")
    assert client.dispense(2, tap="bar").status == 409
    why = client.get("/api/why?tap=bar").json
    assert 'says it is "terrace"' in next(
        lock["value"] for lock in why["interlocks"] if lock["name"] == "right_machine")
    assert not why["machine"]["adoptable"]
    assert terrace.control.truth()["episodes"] == []


def test_two_taps_at_one_machine_are_told_and_only_the_first_pours(party):
    machine = party.dispenser()
    taps = {"left": machine.url, "right": machine.url.replace("127.0.0.1", "localhost")}
    server = party.server(taps)
    named = [server.client.wait_for_tap(
        lambda tap: tap["ready"] or is_of_another_machine(tap), name) for name in taps]
    assert sorted(tap["ready"] for tap in named) == [False, True]
    assert "each tap needs a machine of its own" in server.said
