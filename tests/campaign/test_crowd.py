"""The campaign's guests do what people do, so that a tap that can serve does."""

import random
import signal
import threading

import pytest

from crowd import Guest
from world import World, pause

HANG_SECONDS = 1.3  # more than a machine's lease of a second: its own cut-off ends the pour


@pytest.mark.parametrize("meter", ["yes", "no"])
def test_a_guest_takes_the_glass_away_from_a_machine_that_hung_and_is_served(tmp_path, meter):
    with World(tmp_path, random.Random(1)) as world:
        machine = world.add_machine("tap0", meter=meter)
        world.start_server()
        world.server.client.wait_until_ready("tap0")
        world.ask("hung", "tap0", "ann", 15)
        hang_in_mid_pour(machine)
        assert world.server.client.wait_until_final("hung")["state"] == "partial"

        guest = Guest(world, "bob", "tap0", 1, threading.Event())
        guest.meddle = lambda key: None
        guest.order("refused")
        world.server.client.wait_until_ready("tap0")
        guest.order("served")
        told = {answer.key: answer.code for answer in world.answers}
        assert told == {"hung": "pouring", "refused": "device_fault", "served": "pouring"}
        assert world.verdict() == []


def hang_in_mid_pour(machine):
    assert machine.control.wait_for_truth(lambda truth: truth["pump_on"])
    machine.program.process.send_signal(signal.SIGSTOP)
    pause(HANG_SECONDS)
    machine.program.process.send_signal(signal.SIGCONT)
