"""A faulty network on both sides of the server: to its machines, and to its guests."""

import random

from crowd import Crowd
from fault_proxy import FaultProxy

TAPS = 5
SECONDS = 18


def play(world, rng):
    proxies = []

    def proxy(upstream, **more):
        made = FaultProxy(upstream, random.Random(rng.random()), tell=world.tell, **more)
        proxies.append(made)
        return made

    try:
        for n in range(TAPS):
            machine = world.add_machine(f"tap{n}")
            world.urls[machine.name] = proxy(lambda m=machine: m.program.port).url
        for n in range(rng.choice((0, 2, 4))):
            # What naive firmware is told twice it pours twice, and nobody could prevent that.
            machine = world.add_machine(f"seed{n}", protocol=1)
            world.urls[machine.name] = proxy(
                lambda m=machine: m.program.port, repeats=False).url
        world.start_server()
        world.patience = 2.2  # just beyond what the server itself gives a machine
        world.front = proxy(lambda: world.server.port)
        storm(world, rng, proxies)
        world.count("network faults", sum(each.faults for each in proxies))
        return world.verdict()
    finally:
        for each in proxies:
            each.close()


def storm(world, rng, proxies):
    crowd = Crowd(world, rng)
    world.wait(rng.uniform(SECONDS / 2, SECONDS))
    if rng.random() < 0.4:
        world.kill_server()
        world.start_server()
        world.wait(rng.uniform(0, SECONDS / 2))
    for each in proxies:
        each.calm_down()
    crowd.leave()
