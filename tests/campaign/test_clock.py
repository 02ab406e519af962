"""The clock that the campaign sets is the server's, and a log that goes by another is seen."""

import random

import clock
from world import World


def test_a_server_whose_clock_is_not_the_one_that_was_set_is_found_out(tmp_path):
    with World(tmp_path, random.Random(1)) as world:
        world.add_machine("tap0")
        with clock.WallClock(world) as wall:
            world.start_server()  # on the true clock
            world.server.client.wait_until_ready("tap0")
            wall.show(clock.TEN_YEARS_MS)
            world.ask("wish", "tap0", "ann", 1)
            found = world.verdict()
    assert found and all(each.startswith(("13:", "2:")) for each in found), found
