"""A real bar under attack: its processes, the guests who want to be served meanwhile, and what the
server uses. Everything ends with the process that started it."""

import contextlib
import http.client
import json
import resource
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]),
                str(Path(__file__).resolve().parents[1] / "integration")]

import processes  # noqa: E402

MEBIBYTE = 2**20
REQUEST = b"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def allow_files(wanted):
    """As many open files as `wanted`; fails where the system does not let us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= wanted, f"only {hard} files may be opened"
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def address(number, block=1):
    """The number-th address of a block of the loopback network: 127.block.0.1 and up."""
    return f"127.{block}.{number // 250}.{number % 250 + 1}"


def connect(port, source, seconds=20, receive_buffer=None):
    if receive_buffer is None:
        return socket.create_connection(("127.0.0.1", port), seconds, (source, 0))
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(seconds)
    connection.bind((source, 0))
    connection.connect(("127.0.0.1", port))
    return connection


class Bar:
    """A server with taps whose machines are the real firmware core."""

    def __init__(self, taps=1, settings="", hostile=None):
        """`hostile` makes a door (machines.py) before a machine of its own, the tap "hostile"."""
        self.folder = tempfile.TemporaryDirectory(prefix="pourtocol-hostile-")
        folder = Path(self.folder.name)
        file = folder / "settings.toml"
        file.write_text(settings)
        self.machines = {f"tap{i}": processes.Dispenser("--flash", folder / f"{i}.flash")
                         for i in range(taps)}
        urls = {name: machine.url for name, machine in self.machines.items()}
        self.hostile = hostile and hostile(processes.Dispenser("--flash", folder / "hostile.flash"))
        if hostile:
            urls["hostile"] = self.hostile.url
        self.server = processes.Server(folder / "pourtocol.db", urls, "--config", file)
        for name in self.machines:
            self.server.client.wait_until_ready(name)

    @property
    def port(self):
        return self.server.port

    def memory_mb(self):
        """Of the server, resident."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def files(self):
        return len(list(Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def metric(self, name):
        text = self.server.client.get("/metrics").body.decode()
        return float(text.split(f"\n{name} ")[1].split()[0])

    def check_log(self):
        code, said = processes.run("check", "--database", self.server.database)
        assert code == 0, said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.server.running, f"the server ended:\n{self.server.said}"
        self.check_log()
        for program in [self.server, self.hostile, *self.machines.values()]:
            if program:
                program.close()
        self.folder.cleanup()


class Guests:
    """Honest people at other addresses, each in a thread: one who pours at every tap, some who
    look, and, where a tap is named for it, a host who stops that tap again and again. What they
    were answered, and how long it took."""

    def __init__(self, bar, lookers=4, stopped_tap=None):
        self._bar, self._over = bar, threading.Event()
        self._lock = threading.Lock()
        self.pours, self.looks, self.stops, self.failures = [], [], [], []
        self._threads = [threading.Thread(target=self._look, args=(address(i, 200),))
                         for i in range(lookers)]
        self._threads += [threading.Thread(target=self._pour, args=(address(i, 201), tap))
                          for i, tap in enumerate(bar.machines) if tap != stopped_tap]
        if stopped_tap:
            self._threads.append(threading.Thread(target=self._stop,
                                                  args=(address(0, 202), stopped_tap)))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait(self, seconds):
        self._over.wait(seconds)

    def totals(self):
        stops = {"guests_stops": len(self.stops), "stop_p99_ms": quantile(self.stops),
                 "stop_longest_ms": quantile(self.stops, 1)} if self.stops else {}
        return {**stops, "guests_looks": len(self.looks), "guests_pours": len(self.pours),
                "guests_failures": len(self.failures), "guests_failed_with": self.failures[:3],
                "looks_failed": sum(failure.startswith("GET") for failure in self.failures),
                "look_p99_ms": quantile(self.looks), "pour_answer_p99_ms": quantile(self.pours)}

    def _ask(self, source, method, path, body=None):
        """A fresh connection for each request, as a phone that just came in makes it."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._bar.port, timeout=20,
                                                source_address=(source, 0))
        with contextlib.closing(connection):
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            text = response.read()
        return response.status, text, time.monotonic() - began

    def _record(self, place, source, method, path, body=None, fine=(200,)):
        try:
            status, text, seconds = self._ask(source, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            status, text, seconds = 0, repr(error).encode(), 0
        with self._lock:
            if status in fine:
                place.append(seconds)
            else:
                self._fail(method, path, status, text)
        return text

    def _fail(self, method, path, status, text):
        self.failures.append(f"{method} {path}: {status} {text[:200].decode()}")

    def _look(self, source):
        while not self._over.wait(0.05):
            self._record(self.looks, source, "GET", "/api/status")

    def _pour(self, source, tap):
        # The machine is busy while it pours: that is an answer, too.
        while not self._over.wait(0.5):
            wish = {"amount_ml": 2, "user_token": "guest", "tap": tap}
            self._record(self.pours, source, "POST", "/api/dispense", wish, (200, 409))

    def _stop(self, source, tap):
        # Its machine is well: it says so, whatever others do.
        while not self._over.wait(0.2):
            said = self._record(self.stops, source, "POST", "/api/stop", {"tap": tap})
            if b'"not_pouring"' not in said:
                self._fail("POST", "/api/stop", "but the machine", said)


def quantile(seconds, share=0.99):
    if not seconds:
        return None
    return round(sorted(seconds)[int(share * (len(seconds) - 1))] * 1000, 1)
