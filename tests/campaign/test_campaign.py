"""The short form of the campaign: each kind once or twice, and proof that it can fail.

It draws the same everywhere; what a campaign of its own draws is new each time.

    ./dev campaign                                the long form
    tests/campaign/campaign.py KIND --minutes 10  one kind of it
"""

import json

import pytest

import campaign
import processes
import tracing
from world import Plain

ROUNDS = {"kill": 2, "syscalls": 14, "errors": 10, "disk": 2, "power": 2, "proxy": 2, "stream": 2,
          "clock": 2, "unsynced": 2, "stops": 1}


@pytest.fixture(autouse=True)
def programs():
    if not (processes.BIN / "pourtocol").exists():
        pytest.exit("the programs are not built: ./dev test build", returncode=2)


@pytest.mark.parametrize("kind", ROUNDS)
def test_the_log_is_the_truth_after_every_round_of(kind, tmp_path):
    if kind in campaign.TRACED and not tracing.works():
        pytest.skip("strace is not here, or may not be used")
    wanted = [kind, "--rounds", str(ROUNDS[kind]), "--folder", str(tmp_path / "rounds"),
              "--seed", "1", "--json", str(tmp_path / "totals.json")]
    code = campaign.main(wanted)
    [totals] = json.loads((tmp_path / "totals.json").read_text())["campaigns"]
    assert (code, totals["violations"]) == (0, []), totals["violations"]


def pour_past_the_server(machine, key):
    """What no server knows of: somebody orders at the machine itself."""
    order = {"amount_ml": 1, "request_id": key}
    assert Plain(machine.program.port).post("/dispense", order).status == 200
    assert machine.control.wait_for_truth(
        lambda truth: any(each["request_id"] == key for each in truth["episodes"]))


def test_a_pour_that_the_server_does_not_know_is_a_violation(house):
    pour_past_the_server(house.machines["tap0"], "stranger")
    [violation] = house.verdict()
    assert violation.startswith("2:") and "'stranger' at tap0, which has no row" in violation


def test_an_honest_round_is_none(house):
    house.ask("wish", "tap0", "ann", 1)
    assert house.verdict() == [] and house.figures["episodes"] == 1


def test_a_round_that_cannot_be_played_is_a_violation(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(campaign.kill, "play", lambda world, rng: world.add_machine("tap0").nothing)
    assert campaign.main(["kill", "--folder", str(tmp_path), "--seed", "1"]) == 1
    said = capsys.readouterr().out
    assert "could not be played" in said and str(tmp_path / "kill-1") in said
    assert (tmp_path / "kill-1" / "story.txt").exists(), "the folder is kept"
