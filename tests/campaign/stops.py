"""STOP ALL while guests pour at every tap and the server is busy: every pump is off in time, and
none goes on again until the taps are resumed.

Time counts from the moment that the row of the stop has, on the server, to the pump's being off, in
the machine. How long the kernel kept either process from running meanwhile is known to the kernel,
and is no process's own; it is told apart.
"""

import sqlite3
import threading
from pathlib import Path

from crowd import Crowd
from truth import CLOCKS_APART_MS
from unsynced import Disk
from world import LOST, Plain, now_ms

TAPS = 5
STOPS = 8
BUSY_CLIENTS = 4
AMOUNTS_ML = (15, 30, 60)
PUMP_OFF_MS = 250


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    Disk(world).start_server()
    over = threading.Event()
    busy = [threading.Thread(target=keep_busy, args=(world, over), daemon=True)
            for _ in range(BUSY_CLIENTS)]
    crowd = Crowd(world, rng, amounts_ml=AMOUNTS_ML)
    for each in busy:
        each.start()
    kept_waiting_ms = []
    for _ in range(STOPS):
        world.wait(rng.uniform(0.3, 2))
        kept_waiting_ms.append(stop_all(world))
        world.wait(rng.uniform(0, 0.4))
        resume_all(world)
    over.set()
    for each in busy:
        each.join(20)
    crowd.leave()
    found = world.verdict()
    for machine in world.machines.values():
        found += broken_stops(world, machine, kept_waiting_ms)
    return found


def keep_busy(world, over):
    """Asks for what costs a server most."""
    while not over.is_set():
        for path in ("/api/logs?limit=1000", "/api/logs?format=csv", "/api/status"):
            try:
                Plain(world.server.port, world.patience).get(path)
            except LOST:
                pass


def stop_all(world):
    """(from, to, tap -> how long its machine or the server was kept from running) in ms."""
    before = {name: waited_ms(machine.program) for name, machine in world.machines.items()}
    server_before, begin = waited_ms(world.server), now_ms()
    answer = world.server.client.post("/api/stop", {})
    end, server = now_ms(), waited_ms(world.server) - server_before
    assert answer.status == 200, answer
    world.count("stops of all")
    return begin, end, {name: server + waited_ms(machine.program) - before[name]
                        for name, machine in world.machines.items()}


def waited_ms(program):
    """How long its first thread, which does all of this, was ready to run and got no processor."""
    return int(Path(f"/proc/{program.process.pid}/schedstat").read_text().split()[1]) / 1e6


def resume_all(world):
    for name in world.machines:
        stop = world.server.client.tap(name)["stop_id"]
        resumed = world.server.client.post("/api/resume", {"tap": name, "stop": stop})
        assert resumed.status == 200, resumed


def broken_stops(world, machine, kept_waiting_ms):
    truth = machine.control.truth()
    holds = read_holds(world.database, machine.name)
    for begin, end, kept in kept_waiting_ms:
        [held] = [at for at in holds if begin - CLOCKS_APART_MS <= at <= end + CLOCKS_APART_MS]
        resumed = holds[held]
        late = sum(each["ms"] for each in truth["late_turns"]
                   if each["from_ms"] < end and each["from_ms"] + each["ms"] > held)
        allowed = PUMP_OFF_MS + max(kept[machine.name], late) + CLOCKS_APART_MS
        arrived = [stop["arrived_ms"] for stop in truth["stops"]
                   if held - CLOCKS_APART_MS <= stop["arrived_ms"] < resumed]
        if not arrived:
            yield f"15: a stop never reached {machine.name}"
            continue
        for episode in truth["episodes"]:
            if arrived[0] < episode["began_ms"] < resumed - CLOCKS_APART_MS:
                yield f"15: {episode['request_id']} began while {machine.name} was stopped"
            if episode["began_ms"] <= arrived[0] and held < episode["ended_ms"]:
                took = episode["ended_ms"] - held
                world.figures["longest stop ms"] = max(
                    world.figures.get("longest stop ms", 0), took)
                world.count("pumps stopped")
                world.count("stops in time by the wall", took <= PUMP_OFF_MS)
                if took > allowed:
                    yield (f"15: {machine.name} stopped {took} ms after the stop; {allowed:.0f} "
                           f"were allowed")


def read_holds(database, tap):
    """When it was stopped -> when it was resumed."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT held, at_ms FROM holds WHERE tap = ? ORDER BY id", (tap,)).fetchall()
    return {at: next(after for again, after in rows[n:] if not again)
            for n, (held, at) in enumerate(rows) if held}
