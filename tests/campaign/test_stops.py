"""A stop that comes too late, or never, is seen."""

import random

import pytest

import stops
from fault_proxy import UP, Fate, FaultProxy
from world import Plain, World


@pytest.fixture
def pouring(tmp_path):
    """A world whose one tap pours 60 ml, and what can be made of its next connections."""
    fate = [Fate("clean")]
    with World(tmp_path, random.Random(1)) as world:
        machine = world.add_machine("tap0")
        network = FaultProxy(lambda: machine.program.port, random.Random(1),
                             choose=lambda *_: fate[0])
        world.urls["tap0"] = network.url
        world.start_server()
        world.server.client.wait_until_ready("tap0")
        world.ask("wish", "tap0", "ann", 60)
        assert machine.control.wait_for_truth(lambda truth: truth["pump_on"])
        yield world, machine, fate
        network.close()


def test_a_stop_in_time_is_none(pouring):
    world, machine, _ = pouring
    stopped = stops.stop_all(world)
    stops.resume_all(world)
    assert world.verdict() == []
    assert list(stops.broken_stops(world, machine, [stopped])) == []
    assert world.figures["pumps stopped"] == 1


def test_a_stop_that_takes_half_a_second_is_seen(pouring):
    world, machine, fate = pouring
    fate[0] = Fate("delayed", UP, seconds=0.5)
    stopped = stops.stop_all(world)
    fate[0] = Fate("clean")
    stops.resume_all(world)
    [found] = stops.broken_stops(world, machine, [(*stopped[:2], {"tap0": 0})])
    assert found.startswith("15: tap0 stopped ")


def test_a_pour_that_begins_while_a_tap_is_stopped_is_seen(pouring):
    world, machine, _ = pouring
    stopped = stops.stop_all(world)
    world.server.client.wait_until_final("wish")
    machine.wait_until_still("a stopped machine drips")
    order = {"amount_ml": 1, "request_id": "past"}
    answer = Plain(machine.program.port).post("/dispense", order)
    assert answer.status == 200, answer
    assert machine.control.wait_for_truth(lambda truth: len(truth["episodes"]) == 2)
    machine.wait_until_still("a pour of 1 ml does not end")
    stops.resume_all(world)
    [found] = stops.broken_stops(world, machine, [stopped])
    assert found == "15: past began while tap0 was stopped"
