"""A disk that is full, broken or slow, under load: strace makes the server's calls fail."""

import tracing
from crowd import Crowd
from world import LOST, now_ms, wait_until

TAPS = 4
FAULTS = 8

# (name, calls and what becomes of them, whether no write at all can succeed)
KINDS = [
    ("full", "pwrite64:error=ENOSPC", True),
    ("broken", "pwrite64:error=EIO", True),
    ("full for a moment", "pwrite64:error=ENOSPC:when={n}", False),
    ("broken for a moment", "pwrite64:error=EIO:when={n}", False),
    ("cannot sync", "fdatasync:error=EIO", True),
    ("cannot sync for a moment", "fdatasync:error=EIO:when={few}", False),
    ("slow", "fdatasync:delay_enter={delay}", False),
    ("full and no files", "pwrite64,openat:error=ENOSPC", True),
]


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    world.start_server()
    crowd = Crowd(world, rng, impatience=0.5)
    for _ in range(FAULTS):
        world.wait(rng.uniform(0.1, 0.8))
        if rng.random() < 0.15:
            start_on_a_full_disk(world, rng)
        else:
            spoil_disk(world, rng)
    crowd.leave()


def spoil_disk(world, rng):
    name, what, nothing_can_be_written = rng.choice(KINDS)
    what = what.format(n=rng.randint(1, 60), few=rng.randint(1, 6),
                       delay=rng.choice((20_000, 150_000, 700_000)))
    calls, _, fault = what.partition(":")
    trace = tracing.Trace(world.server.process.pid, *tracing.inject(calls, fault), whole=True)
    begin = now_ms()
    world.tell(f"the disk is {name}: {what}")
    world.count(f"disk {name}")
    world.wait(rng.uniform(0.2, 1.5))
    killed = rng.random() < 0.25
    end = now_ms()
    if killed:
        world.kill_server()
    trace.end()
    if nothing_can_be_written:
        world.unwritable.append((begin, end))
    world.tell("the disk is fine")
    if killed:
        world.start_server()
    wait_until(lambda: healthy(world), "the disk is fine again, and the server has not noticed")


def start_on_a_full_disk(world, rng):
    """Killed, started where nothing can be written (it may serve or give up), and killed again."""
    world.kill_server()
    world.tell("the disk is full, and the server starts on it")
    world.count("disk full at the start")
    begin = now_ms()
    error = rng.choice(("ENOSPC", "EIO"))
    world.kill_a_starting_server(
        rng.uniform(0.2, 1.5), tracing.run_under(tracing.inject("pwrite64", f"error={error}")))
    world.unwritable.append((begin, now_ms()))
    world.start_server()


def healthy(world):
    try:
        return world.server.client.get("/healthz").status == 200
    except LOST:
        return False
