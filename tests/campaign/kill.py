"""kill -9 of the server at random instants, while guests order at several taps."""

from crowd import Crowd

TAPS = 8
KILLS = 30


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    if rng.random() < 0.25:
        world.add_machine("seed", protocol=1)  # takes its seconds to be settled
    world.start_server()
    crowd = Crowd(world, rng, guests_per_tap=rng.choice((1, 1, 2)))
    for _ in range(KILLS):
        world.wait(instant(rng))
        world.kill_server()
        while rng.random() < 0.2:
            world.kill_a_starting_server(rng.uniform(0, 0.04))
        if rng.random() < 0.03:
            world.wait(6)  # so long that no order that is on its way is taken any more
        world.start_server()
    crowd.leave()


def instant(rng):
    """Some at once, while the last life's pours are being settled; most within a pour."""
    return rng.uniform(0, 0.05) if rng.random() < 0.3 else rng.uniform(0, 0.9)
