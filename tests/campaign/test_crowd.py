"""The campaign's guests do what people do, so that a tap that can serve does."""

import random
import threading

from crowd import Guest
from world import World


def test_a_guest_takes_the_glass_away_from_a_machine_with_a_fault_and_is_served(tmp_path):
    with World(tmp_path, random.Random(1)) as world:
        machine = world.add_machine("tap0", meter="yes")
        world.start_server()
        world.server.client.wait_until_ready("tap0")
        assert machine.control.post("/clog", {"clogged": True}).status == 200
        world.ask("clogged", "tap0", "ann", 15)
        assert world.server.client.wait_until_final("clogged")["state"] == "partial"
        assert machine.control.post("/clog", {"clogged": False}).status == 200

        guest = Guest(world, "bob", "tap0", 1, threading.Event())
        guest.meddle = lambda key: None
        guest.order("refused")
        world.server.client.wait_until_ready("tap0")
        guest.order("served")
        told = {answer.key: answer.code for answer in world.answers}
        assert told == {"clogged": "pouring", "refused": "device_fault", "served": "pouring"}
        assert world.verdict() == []
