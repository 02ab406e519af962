"""The live stream through a network that delays, cuts, doubles, invents and goes deaf.

Whatever became of the lines, each page shows in the end what the server shows, and has every row of
the log. Within a stream that a page took for whole no version was left out.
"""

import random

from crowd import Crowd
from fault_proxy import DOWN, UP, Fate, FaultProxy
from page import Page
from world import LiveStream

TAPS = 4
PAGES = 6  # of each kind
SECONDS = 15
CATCH_UP_SECONDS = 30
LOSING = ("delayed", "reset", "closed", "deaf")
INVENTING = (*LOSING, "doubled", "garbage")


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    world.start_server()
    networks = [FaultProxy(lambda: world.server.port, random.Random(rng.random()), tell=world.tell,
                           choose=fates(kinds)) for kinds in (LOSING, INVENTING)]
    pages = [Page(lambda: world.server.port)]
    pages += [Page(lambda p=network: p.port, true=true) for _ in range(PAGES)
              for network, true in zip(networks, (True, False))]
    try:
        crowd = Crowd(world, rng)
        world.wait(rng.uniform(SECONDS / 2, SECONDS))
        if rng.random() < 0.3:
            world.kill_server()
            world.start_server()
            world.wait(rng.uniform(0, SECONDS / 2))
        crowd.leave()
        for network in networks:
            world.count("network faults", network.faults)
            network.calm_down()
        world.settle()
        found = list(what_pages_miss(world, pages))
        return found + world.verdict()
    finally:
        for each in (*networks, *pages):
            each.close()


def fates(kinds):
    """A stream carries much: a fault may lie far within it, or in what opens it."""
    def draw(rng, _):
        if rng.random() < 0.1:
            return Fate("clean")
        way = UP if rng.random() < 0.1 else DOWN
        at = rng.randrange(rng.choice((200, 3_000, 12_000, 40_000)))
        return Fate(rng.choice(kinds), way, at, seconds=rng.choice((0.05, 0.3, 1.1)),
                    length=rng.randint(1, 60), bytes_=rng.randbytes(rng.randint(1, 80)))
    return draw


def what_pages_miss(world, pages, seconds=CATCH_UP_SECONDS):
    with LiveStream(world.server.port) as stream:
        now = next(stream)
    shown = {tap["name"]: tap for tap in now.data["status"]["taps"]}
    log = rows_of(world)  # may know of rows that are on their way to the pages
    for number, page in enumerate(pages):
        if not page.wait_for(now.data["server_id"], now.id, seconds):
            yield f"live: page {number} never heard of version {now.id}: {page.crash!r}"
            continue
        yield from (f"live: a version was left out for page {number}: {each}"
                    for each in page.skipped)
        if page.crash is not None:
            yield f"live: page {number} broke up: {page.crash!r}"
        if page.version == now.id and as_shown(page.taps) != as_shown(shown):
            yield f"live: page {number} shows {page.taps}, the server {shown}"
        page.wait_for_rows(log.keys(), seconds)
        yield from wrong_rows(number, dict(page.rows), log, rows_of(world))
        world.count("streams", page.streams)
        world.count("versions heard", page.heard)
        world.count("versions made good by a snapshot", page.made_good)
        world.count("broken lines noticed", page.noticed)


def rows_of(world):
    return {row["id"]: row for row in world.server.client.log("?limit=1000")}


def wrong_rows(number, rows, log, later_log):
    """It has to have what the log had, and may have what came since, but nothing else."""
    wrong = sorted({n for n in log if rows.get(n) != log[n]}
                   | {n for n in rows if rows[n] != later_log.get(n)})
    if wrong:
        yield f"live: page {number} has other rows than the log: {wrong[:10]}"


def as_shown(taps):
    """Without what goes on by itself."""
    return {name: {**tap, "uptime": None} for name, tap in taps.items()}
