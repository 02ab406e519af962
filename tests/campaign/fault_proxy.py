"""A TCP proxy that does to connections what networks and middle-boxes do, drawn from a seed.

Each connection draws its fate when it is accepted. It does not understand HTTP: it delays, cuts,
repeats and invents bytes, lets one direction die, and delivers what was sent once more later.
"""

import asyncio
import socket
import struct
import threading

CHUNK = 4096
UP, DOWN = "up", "down"


class Fate:
    """What becomes of one connection. `at`: the byte, in `way`, at which it happens."""

    def __init__(self, kind, way=UP, at=0, seconds=0.0, length=0, bytes_=b""):
        self.kind, self.way, self.at = kind, way, at
        self.seconds, self.length, self.bytes = seconds, length, bytes_

    def __repr__(self):
        return (f"{self.kind} {self.way} at {self.at}, {self.seconds:.2f} s, "
                f"{self.length or len(self.bytes)} bytes")


def draw(rng, repeats):
    """`repeats`: whether what was sent may be delivered once more."""
    kinds = ["delayed", "reset", "closed", "doubled", "garbage", "deaf"]
    kind = rng.choice(kinds + (["replayed"] * 2 if repeats else []))
    chance = rng.random()
    if chance < 0.5:
        kind = "clean"
    elif chance < 0.6:
        return Fate(rng.choice(("reset", "closed")), DOWN)  # it has arrived, and nobody is told
    way = rng.choice((UP, DOWN))
    # Heads and bodies are a few hundred bytes; a kept connection carries many of them.
    at = rng.randrange(rng.choice((20, 300, 300, 1500)))
    return Fate(kind, way, at, seconds=rng.choice((0.05, 0.3, 1.1, 2.5)),
                length=rng.randint(1, 60), bytes_=rng.randbytes(rng.randint(1, 80)))


class FaultProxy:
    """Listens on `port` of 127.0.0.1 until `close()`. `upstream()` is asked for the port behind it
    at each connection. While `calm`, nothing happens to new connections. Thread-safe.
    """

    def __init__(self, upstream, rng, repeats=True, choose=draw, tell=lambda words: None):
        self._upstream, self._rng, self._repeats = upstream, rng, repeats
        self._choose, self._tell = choose, tell
        self.calm = False
        self.faults = 0
        self._loop = asyncio.new_event_loop()
        self._writers, self._tasks = set(), set()
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()
        assert listening.wait(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def calm_down(self):
        """No more faults, and every connection that may have one ends."""
        self.calm = True
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (self._end_all(), done.set()))
        assert done.wait(10)

    def close(self):
        self.calm_down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, listening):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._accepted, "127.0.0.1", 0, limit=CHUNK))
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    def _end_all(self):
        for task in list(self._tasks):
            task.cancel()
        for writer in list(self._writers):
            abort(writer)

    async def _accepted(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            abort(writer)
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _carry(self, reader, writer):
        fate = Fate("clean") if self.calm else self._choose(self._rng, self._repeats)
        if fate.kind != "clean":
            self.faults += 1
            self._tell(f"a connection is {fate}")
        behind_reader, behind = await asyncio.open_connection(
            "127.0.0.1", self._upstream(), limit=CHUNK)
        self._writers.add(behind)
        sent = bytearray()
        try:
            await asyncio.gather(
                self._pump(fate, UP, reader, behind, writer, sent),
                self._pump(fate, DOWN, behind_reader, writer, behind, bytearray()))
        finally:
            abort(behind)
            self._writers.discard(behind)
        if fate.kind == "replayed":
            await self._send_again(bytes(sent), fate.seconds)

    async def _pump(self, fate, way, source, sink, other_sink, passed):
        mine = fate.way == way
        while chunk := await source.read(CHUNK):
            before = len(passed)
            passed += chunk
            here = fate.at - before  # where in this chunk the fault lies
            if mine and fate.kind == "delayed":
                await pause(fate.seconds)
            elif mine and 0 <= here < len(chunk):
                chunk = self._strike(fate, chunk, here)
                if fate.kind in {"reset", "closed"}:
                    sink.write(chunk)
                    await sink.drain()
                    if fate.kind == "reset":
                        abort(sink)
                        abort(other_sink)
                        return
                    break
            if mine and fate.kind == "deaf" and here < 0:
                continue
            sink.write(chunk)
            await sink.drain()
        if sink.can_write_eof() and not sink.is_closing():
            sink.write_eof()

    @staticmethod
    def _strike(fate, chunk, here):
        """The chunk as it goes on."""
        if fate.kind == "doubled":
            return chunk[:here] + chunk[here:here + fate.length] + chunk[here:]
        if fate.kind == "garbage":
            return chunk[:here] + fate.bytes + chunk[here:]
        if fate.kind in {"reset", "closed", "deaf"}:
            return chunk[:here]
        return chunk

    async def _send_again(self, sent, seconds):
        await pause(seconds)
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream())
        self._writers.add(writer)
        try:
            writer.write(sent)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 5)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            abort(writer)
            self._writers.discard(writer)


async def pause(seconds):
    """A network's delay."""
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=seconds)


def abort(writer):
    """Ends a connection by RST."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.is_closing():
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()
