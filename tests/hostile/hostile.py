#!/usr/bin/env python3
"""Clients that mean no good against a real server, while guests at other addresses are served.

    hostile.py slowloris     connections that trickle their requests
    hostile.py idle          thousands of connections that say nothing
    hostile.py live          thousands of pages on the live stream, while pours go on
    hostile.py flood         one address asks as fast as it can
    hostile.py slow-readers  thousands ask for much and hardly read it
    hostile.py stops         thousands stop a machine that hangs
    hostile.py eager-machine a machine answers at once whenever it is asked

Each prints its totals, writes them with --json FILE, and ends with 1 if a promise was broken:
safety.md 16, memory, sockets and queues have caps, and the rest goes on.
"""

import argparse
import contextlib
import heapq
import json
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import machines  # noqa: E402
import stage  # noqa: E402
from stage import MEBIBYTE, Bar, Guests, address, connect  # noqa: E402

STOP_MS = 250  # within which a stop is answered, whatever is going on (docs/safety.md)
PAUSE = threading.Event()  # never set: to wait without doing anything


def slowloris(connections=800, addresses=40, seconds=60):
    """Each sends one byte of a header a second, and comes again when it is let go."""
    stage.allow_files(connections + 200)
    sources = [address(i, 10) for i in range(addresses)]
    beginning = b"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    with Bar() as bar, Guests(bar) as guests:
        begun, let_go, held_most = {}, 0, 0
        for _ in range(seconds):
            for number in range(connections):
                trickle = begun.get(number)
                try:
                    if trickle is None:
                        trickle = connect(bar.port, sources[number % addresses])
                        trickle.sendall(beginning)
                        trickle.setblocking(False)
                        begun[number] = trickle
                    else:
                        trickle.send(b"x")
                except OSError:
                    let_go += 1
                    begun.pop(number).close()
            held_most = max(held_most, len(begun))
            PAUSE.wait(1)
        for trickle in begun.values():
            trickle.close()
        cut = bar.metric("pourtocol_http_timed_out_total")
        found = {"connections": connections, "addresses": addresses, "seconds": seconds,
                 "held_at_most": held_most, "let_go": int(cut), "memory_mb": bar.memory_mb()}
    found |= guests.totals()
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "let_go", seconds < 10 or cut >= connections)
    return found


def idle(connections=10_000, seconds=30):
    """Each from one of a hundred addresses; held until the end."""
    stage.allow_files(connections + 200)
    with Bar() as bar:
        before_mb, before_files = bar.memory_mb(), bar.files()
        with Guests(bar) as guests:
            held = [connect(bar.port, address(i % 100, 20)) for i in range(connections)]
            guests.wait(seconds)
            open_there = bar.metric("pourtocol_http_connections")
            with_mb = bar.memory_mb()
            for each in held:
                each.close()
            after_files = files_once_below(bar, before_files + 100)
        found = {"connections": connections, "held_by_server": int(open_there),
                 "memory_before_mb": before_mb, "memory_with_mb": with_mb,
                 "kb_per_connection": round((with_mb - before_mb) * 1024 / connections, 2),
                 "files_before": before_files, "files_after": after_files}
    found |= guests.totals()
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "held_by_server", open_there >= connections)
    expect(found, "memory_with_mb", with_mb - before_mb < 8 * connections / 1024 + 16)
    expect(found, "files_after", found["files_after"] < before_files + 100)
    return found


def files_once_below(bar, bound, seconds=10):
    """How many files the server has open, once they are fewer than `bound` or the time is over:
    nobody is told when the last of many closed connections is gone."""
    until = time.monotonic() + seconds
    while (files := bar.files()) >= bound and time.monotonic() < until:
        PAUSE.wait(0.05)
    return files


def live(clients=5_000, seconds=600, taps=2):
    """Every page on the stream sees every version, while all taps pour."""
    program = stage.processes.BIN / "pourtocol-live-clients"
    with Bar(taps=taps) as bar:
        watching = subprocess.Popen([program, str(bar.port), str(clients), str(seconds)],
                                    stdout=subprocess.PIPE, text=True)
        try:
            assert watching.stdout.readline() == "all are here\n"
            with Guests(bar, lookers=1) as guests:
                seen = json.loads(watching.stdout.readline())
                memory = bar.memory_mb()
        finally:
            watching.kill()
            watching.wait()
        too_slow = bar.metric("pourtocol_http_streams_too_slow_total")
    found = {"seconds": seconds, "taps": taps, **seen, "closed_as_too_slow": int(too_slow),
             "memory_mb": memory, **guests.totals()}
    for key in ("missed", "lost", "out_of_order", "closed_as_too_slow", "guests_failures"):
        expect(found, key, found[key] == 0)
    expect(found, "joined", found["joined"] == clients)
    expect(found, "versions", found["versions"] > seconds / 2)
    return found


def flood(connections=64, seconds=30):
    """From one address: connections that ask again and again, without waiting for answers, and
    some that order, which is limited by address."""
    with Bar() as bar, Guests(bar) as guests:
        over, answered, refused = threading.Event(), [0], [0]
        threads = [threading.Thread(target=_ask_again, args=(bar, over, answered))
                   for _ in range(connections)]
        threads.append(threading.Thread(target=_order_again, args=(bar, over, refused)))
        for thread in threads:
            thread.start()
        guests.wait(seconds)
        over.set()
        for thread in threads:
            thread.join()
        found = {"connections": connections, "seconds": seconds,
                 "flood_answers_mb": round(answered[0] / 2**20, 1),
                 "flood_orders_limited": refused[0], "memory_mb": bar.memory_mb()}
    found |= guests.totals()
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "guests_looks", found["guests_looks"] >= seconds)
    return found


def _ask_again(bar, over, answered):
    with connect(bar.port, address(0, 30)) as flooding:
        while not over.is_set():
            flooding.sendall(stage.REQUEST * 50)
            answered[0] += len(flooding.recv(1 << 20))


def _order_again(bar, over, refused):
    body = b'{"amount_ml":99,"user_token":"flood"}'  # more than anybody may have
    wish = (b"POST /api/dispense HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)) + body
    with connect(bar.port, address(0, 30)) as flooding:
        while not over.is_set():
            flooding.sendall(wish * 10)
            refused[0] += flooding.recv(1 << 20).count(b" 429 ")


def slow_readers(connections=3_000, addresses=30, seconds=30):
    """Each asks for long pages of the log, a kilobyte a second of which it reads, and comes again
    when it is let go."""
    stage.allow_files(connections + 200)
    sources = [address(i, 40) for i in range(addresses)]
    rows = 2_000
    with Bar(taps=2, settings="[limits]\norders_burst = 0\nunsent_mb = 32\n") as bar:
        fill_log(bar, rows)
        before_mb, most_mb, most_unsent = bar.memory_mb(), 0, 0
        readers, comings = {}, 0
        with Guests(bar, stopped_tap="tap1") as guests:
            for _ in range(seconds):
                comings += _read_a_little(bar, readers, connections, sources, rows)
                most_mb = max(most_mb, bar.memory_mb())
                most_unsent = max(most_unsent, bar.metric("pourtocol_http_unsent_bytes"))
                guests.wait(1)
        for reader in readers.values():
            reader.close()
        found = {"connections": connections, "addresses": addresses, "seconds": seconds,
                 "asked": comings, "unsent_at_most_mb": round(most_unsent / MEBIBYTE, 1),
                 "memory_before_mb": before_mb, "memory_at_most_mb": most_mb,
                 "readers_let_go": int(bar.metric("pourtocol_http_readers_let_go_total")),
                 "made_room": int(bar.metric("pourtocol_http_made_room_total")),
                 "timed_out": int(bar.metric("pourtocol_http_timed_out_total"))}
    found |= guests.totals()
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "unsent_at_most_mb", 16 < found["unsent_at_most_mb"] <= 32)
    expect(found, "memory_at_most_mb", most_mb - before_mb < 32 + 24 + 8 * connections / 1024)
    expect(found, "stop_p99_ms", seconds < 10 or found["stop_p99_ms"] <= STOP_MS)
    return found


def stops(connections=12_500, addresses=13, seconds=30):
    """All connections wait for a machine that never answers a stop, and ask again a second or two
    after they were answered. (How many requests the processor bears is flood's to tell.)"""
    stage.allow_files(connections + 200)
    settings = f"status_timeout = 5\n[limits]\nconnections = {connections - connections // 25}\n"
    with Bar(taps=2, settings=settings, hostile=machines.HangsAtStops) as bar:
        before_mb = bar.memory_mb()
        with (Guests(bar, stopped_tap="tap1") as guests,
              Stoppers(bar, connections, addresses) as mob):
            guests.wait(seconds)
            found = {"connections": connections, "addresses": addresses, "seconds": seconds,
                     "files_of_server": bar.files(), **mob.totals(),
                     "calls_at_once": bar.hostile.most_open,
                     "memory_before_mb": before_mb, "memory_with_mb": bar.memory_mb()}
    found |= guests.totals()
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "asked", found["asked"] >= connections and found["waiting"] > 0)
    # Two, and those whose end the machine has not noticed yet.
    expect(found, "calls_at_once", 0 < found["calls_at_once"] <= 4)
    expect(found, "stop_p99_ms", seconds < 10 or found["stop_p99_ms"] <= STOP_MS)
    return found


class Stoppers:
    """Connections that each stop the hostile tap, every second or two, in a thread of their own."""

    WISH = (b"POST /api/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 17\r\n\r\n{\"tap\":\"hostile\"}")

    def __init__(self, bar, connections, addresses):
        self._bar, self._over = bar, threading.Event()
        self._sources = [address(i, 50) for i in range(addresses)]
        self._connections = connections
        self._asking = {}
        self._owed = set()  # those that wait for an answer
        self._resting = []  # a heap: (until, a number, connection or None, source)
        self._poll = select.epoll()
        self.asked = self.answered = self.turned_away = self._rests = 0
        self._all_came = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        assert self._all_came.wait(120), "they never all came"
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for connection, _ in self._asking.values():
            connection.close()
        self._poll.close()

    def totals(self):
        return {"asked": self.asked, "answered": self.answered,
                "waiting": len(self._owed),
                "turned_away": self.turned_away}

    def _run(self):
        for number in range(self._connections):
            self._come(self._sources[number % len(self._sources)])
        self._all_came.set()
        while not self._over.is_set():
            for fd, _ in self._poll.poll(0.02, 1000):
                self._hear(fd)
            while self._resting and self._resting[0][0] <= time.monotonic():
                *_, connection, source = heapq.heappop(self._resting)
                self._come(source) if connection is None else self._ask(connection, source)

    def _come(self, source):
        try:
            connection = connect(self._bar.port, source)
        except OSError:
            return self._rest(None, source)
        self._asking[connection.fileno()] = (connection, source)
        self._poll.register(connection, select.EPOLLIN)
        self._ask(connection, source)

    def _ask(self, connection, source):
        if connection.fileno() < 0:
            return  # it was let go meanwhile, and comes again
        try:
            connection.sendall(self.WISH)
            self.asked += 1
            self._owed.add(connection)
        except OSError:
            self._leave(connection, source)

    def _hear(self, fd):
        connection, source = self._asking[fd]
        try:
            said = connection.recv(1 << 16)
        except OSError:
            said = b""
        self._owed.discard(connection)
        if said.startswith(b"HTTP/1.1 200"):
            self.answered += 1
            self._rest(connection, source)
        else:
            self._leave(connection, source)

    def _leave(self, connection, source):
        self.turned_away += 1
        self._owed.discard(connection)
        self._poll.unregister(connection)
        self._asking.pop(connection.fileno())
        connection.close()
        self._rest(None, source)

    def _rest(self, connection, source):
        self._rests += 1
        until = time.monotonic() + 1 + self._rests % 997 / 997  # not all in one moment
        heapq.heappush(self._resting, (until, self._rests, connection, source))


def eager_machine(pages=50, seconds=30):
    """It tells another change whenever it is asked for the next."""
    with Bar(taps=2, hostile=machines.AnswersAtOnce) as bar, contextlib.ExitStack() as all_pages:
        with Guests(bar, stopped_tap="tap1") as guests:
            open_pages = [all_pages.enter_context(connect(bar.port, address(i, 60)))
                          for i in range(pages)]
            for page in open_pages:
                page.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            asked, began, told = bar.hostile.asked, time.monotonic(), 0
            while (took := time.monotonic() - began) < seconds:
                for page in select.select(open_pages, [], [], 0.2)[0]:
                    told += page.recv(1 << 20).count(b'"name":"hostile"')
            asked = bar.hostile.asked - asked
    found = {"pages": pages, "seconds": seconds, "asked_a_second": round(asked / took, 1),
             "told_each_page_a_second": round(told / pages / took, 1), **guests.totals()}
    expect(found, "guests_failures", found["guests_failures"] == 0)
    expect(found, "asked_a_second", 2 < found["asked_a_second"] <= 20)
    expect(found, "told_each_page_a_second", 2 < found["told_each_page_a_second"] <= 11)
    expect(found, "stop_p99_ms", seconds < 10 or found["stop_p99_ms"] <= STOP_MS)
    return found


def fill_log(bar, rows):
    """With orders of more than anybody may have, under long names: each is a row of some 400 bytes
    as it is read."""
    body = b'{"amount_ml":99,"user_token":"%s"}' % (b"n" * 64)
    wish = (b"POST /api/dispense HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)) + body
    with connect(bar.port, address(0, 41)) as guest:
        for _ in range(0, rows, 100):
            guest.sendall(wish * 100)
            answered = b""
            while answered.count(b"amount_out_of_range") < 100:
                received = guest.recv(1 << 20)
                assert received, answered[-500:]
                answered += received


def _read_a_little(bar, readers, connections, sources, rows):
    """One round of all readers. How many of them came, anew or again."""
    came = 0
    for number in range(connections):
        reader = readers.get(number)
        try:
            if reader is None:
                reader = connect(bar.port, sources[number % len(sources)], receive_buffer=4096)
                # No two ask for the same page, which would be held once for both.
                page = b"/api/logs?limit=1000&before_id=%d" % (rows - number % (rows - 1000))
                reader.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % page * 3)
                reader.setblocking(False)
                readers[number] = reader
                came += 1
            elif not reader.recv(1024):
                readers.pop(number).close()
        except BlockingIOError:
            pass
        except OSError:
            if number in readers:
                readers.pop(number).close()
    return came


def expect(found, key, kept):
    if not kept:
        found.setdefault("broken", []).append(key)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="a file for the totals")
    kinds = parser.add_subparsers(dest="kind", required=True)
    for attack in (slowloris, idle, live, flood, slow_readers, stops, eager_machine):
        name = attack.__name__.replace("_", "-")
        kind = kinds.add_parser(name, help=attack.__doc__.partition("\n")[0])
        kind.set_defaults(attack=attack)
        names = attack.__code__.co_varnames[:attack.__code__.co_argcount]
        for name, default in zip(names, attack.__defaults__):
            kind.add_argument(f"--{name}", type=int, default=default)
        kind.add_argument("--json", type=Path, default=argparse.SUPPRESS)
    options = vars(parser.parse_args())
    attack, kind, file = options.pop("attack"), options.pop("kind"), options.pop("json")
    found = {"attack": kind, **attack(**options)}
    text = json.dumps(found, indent=2)
    print(text)
    if file:
        file.write_text(text + "\n")
    return 1 if "broken" in found else 0


if __name__ == "__main__":
    sys.exit(main())
