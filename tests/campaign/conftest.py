"""What several tests of the campaign stand in."""

import random

import pytest

from world import World


@pytest.fixture
def house(tmp_path):
    with World(tmp_path, random.Random(1)) as made:
        made.add_machine("tap0")
        made.start_server()
        made.server.client.wait_until_ready("tap0")
        yield made
