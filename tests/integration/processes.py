"""The product's real programs as processes on loopback: start, wait for the ready line, end."""

import contextlib
import ctypes
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import house
from client import Client

BIN = Path(os.environ.get("POURTOCOL_BIN", house.ROOT / "build" / "release" / "bin"))
READY = re.compile(r"ready on http://[^ ]*?:(\d+)")

_libc = ctypes.CDLL(None)


def die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no test leaves a process behind


def clean_environment(**more):
    """Without the variables that configure the server, so that only what a test says counts."""
    ours = {"HOST", "PORT", "DATABASE_PATH", "PUBLIC_URL", "ESP32_URL", "ESP32_STATUS_TIMEOUT",
            "ESP32_DISPENSE_TIMEOUT", "ALLOWED_HOSTS"}
    return {**{k: v for k, v in os.environ.items() if k not in ours}, **more}


class HeldPorts:
    """Ports that stay ours until `close()`, whether somebody listens on them or nobody does.

    Each is held by a bound socket that never listens: to connect there is refused, our programs can
    listen beside it as often as they like, and whoever lets the kernel choose is given another.
    """

    def __init__(self):
        self._holders = []

    def draw(self, host="127.0.0.1", port=0):
        """`port` 0: any that is free."""
        holder = socket.socket()
        self._holders.append(holder)
        # Who listens beside it sets this as well: our programs do, and Python's create_server.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, port))
        return holder.getsockname()[1]

    def close(self):
        for holder in self._holders:
            holder.close()


class Program:
    """One running program whose words are read as they come."""

    def __init__(self, command, environment=None, before_start=None, cwd=None):
        def prepare():
            die_with_parent()
            if before_start is not None:
                before_start()

        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", cwd=cwd,
            env=environment or clean_environment(), preexec_fn=prepare)
        self.words = []
        self._ready = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = self._ready.get(timeout=30)
        assert self.port is not None, f"{command[0]} did not start:\n{self.said}"

    def _read(self):
        for line in self.process.stdout:
            self.words.append(line)
            found = READY.search(line)
            if found:
                self._ready.put(int(found.group(1)))
        self._ready.put(None)

    @property
    def said(self):
        return "".join(self.words)

    @property
    def running(self):
        return self.process.poll() is None

    def kill(self):
        """SIGKILL: not even the chance to say goodbye."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=10, by=signal.SIGTERM):
        """The exit code."""
        self.process.send_signal(by)
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def close(self):
        if self.running:
            self.kill()
        self.process.stdout.close()


class Server(Program):
    """pourtocol serve. `taps` maps names to URLs. `port` 0: any."""

    def __init__(self, database, taps, *options, port=0, wrapped_in=(), **more):
        self.database = database
        super().__init__([*wrapped_in, *self.command(database, taps, port), *options], **more)
        self.client = Client(self.port)

    @staticmethod
    def command(database, taps, port=0):
        words = [word for name, url in taps.items() for word in ("--tap", f"{name}={url}")]
        return [str(BIN / "pourtocol"), "serve", "--host", "127.0.0.1", "--port", str(port),
                "--database", str(database), *words]


class Dispenser(Program):
    """pourtocol-dispenser: the real firmware core on a simulated machine. `port` 0: any."""

    def __init__(self, *options, port=0):
        super().__init__([BIN / "pourtocol-dispenser", "--port", str(port), "--control-port", "0",
                          *options])
        self.url = f"http://127.0.0.1:{self.port}"
        self.machine = Machine(self.port)
        self.control = Control(self._control_port())

    def _control_port(self):
        found = re.search(r"control\D* http://[^ ]*?:(\d+)", self.said)
        assert found, f"the dispenser names no control port:\n{self.said}"
        return int(found.group(1))


class Machine(Client):
    """A dispenser as anybody on its network reaches it."""

    @property
    def contract(self):
        return Undocumented


HAND_MS = 5_100


class Control(Client):
    """The side door of a simulated dispenser: what physics and people do to it."""

    @property
    def contract(self):
        return Undocumented

    def truth(self):
        return self.get("/truth").json

    def wait_for_truth(self, holds, seconds=45):
        """The first truth, present or to come, of which `holds(truth)`; None: not in that time."""
        deadline = time.monotonic() + seconds
        truth = self.truth()
        while not holds(truth):
            left_ms = round((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                return None
            held = f"/truth?after={truth['version']}&wait_ms={min(left_ms, 5000)}"
            truth = self.get(held).json
        return truth

    def glass(self, present):
        assert self.post("/glass", {"present": present}).status == 200

    def tag(self, uid):
        assert self.post("/tag", {"uid": uid}).status == 200

    def power(self, on):
        assert self.post("/power", {"on": on}).status == 200

    @contextlib.contextmanager
    def hand_at_the_stop_button(self):
        """Held for so long, by the machine's own clock, that the firmware takes it for a hand."""
        assert self.post("/button", {"held": True}).status == 200
        truth = self.truth()
        held_until = truth["now_ms"] + HAND_MS
        while truth["now_ms"] < held_until:
            left_ms = round(held_until - truth["now_ms"]) + 1
            truth = self.get(f"/truth?after={truth['version']}&wait_ms={left_ms}").json
        yield
        assert self.post("/button", {"held": False}).status == 200


class Undocumented:
    """The contract of what has none: its answers are held against nothing."""

    @staticmethod
    def check(*_):
        pass

    check_refusal = check_event = check


def run(*arguments, environment=None, seconds=30, program="pourtocol", cwd=None):
    """Runs a program to its end: (exit code, everything it said)."""
    done = subprocess.run(
        [str(BIN / program), *map(str, arguments)], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment or clean_environment(),
        timeout=seconds, cwd=cwd)
    return done.returncode, done.stdout
