"""The server's wall clock jumps by up to ten years, forward and back, in mid-pour.

Leases, time-outs, the live stream and pours go by another clock and take no notice; the time that a
row of the log has is what the wall clock showed then.
"""

import math
import mmap
import struct
from dataclasses import replace

from crowd import Crowd
from page import Page
from stream import what_pages_miss
from truth import Clock
from world import now_ms, processes

TAPS = 4
JUMPS = 20
TEN_YEARS_MS = 10 * 365 * 86_400_000
SMALL_MS = (-3_600_000, -5_000, -300, 300, 5_000, 3_600_000)


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    if rng.random() < 0.25:
        world.add_machine("seed", protocol=1)
    with WallClock(world) as clock:
        world.start_server(**clock.environment)
        page = Page(lambda: world.server.port)
        crowd = Crowd(world, rng)
        for _ in range(JUMPS):
            world.wait(rng.uniform(0, 0.8))
            clock.show(rng.choice((rng.randint(-TEN_YEARS_MS, TEN_YEARS_MS), -TEN_YEARS_MS,
                                   TEN_YEARS_MS, 0, rng.choice(SMALL_MS))))
            if rng.random() < 0.1:
                world.kill_server()
                world.start_server(**clock.environment)
        crowd.leave()
        world.settle()
        found = list(what_pages_miss(world, [page]))
        if page.noticed > 0 and "kills" not in world.figures:
            found.append(f"13: a page's stream broke off {page.noticed} times")
        page.close()
        return found + world.verdict()


class WallClock:
    """What the server takes for the time of day. It is off by what it was last told."""

    def __init__(self, world):
        self._world = world
        path = world.folder / "wall-clock"
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(processes.BIN / "pourtocol-wall_clock.so"),
                            "POURTOCOL_WALL_CLOCK": str(path)}
        world.clocks = [Clock(0, now_ms(), math.inf)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._mapped.close()

    def show(self, off_ms):
        """From now on."""
        before_ms = now_ms()
        self._mapped[:] = struct.pack("<q", off_ms * 1_000_000)
        last = self._world.clocks.pop()
        self._world.clocks += [replace(last, until_ms=now_ms()), Clock(off_ms, before_ms, math.inf)]
        self._world.tell(f"the wall clock is off by {off_ms} ms")
        self._world.count("clock jumps")
