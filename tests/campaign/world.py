"""A house of real processes that can be broken, and what is known of it afterwards.

Everything here may be used from several threads, but programs are started by the thread that plays
the round: a program dies with the thread that started it.
"""

import http.client
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]),
                str(Path(__file__).resolve().parents[1] / "integration")]

import processes  # noqa: E402
from client import Client, LiveStream  # noqa: E402
from truth import Answer, Episode, Evidence, Log, violations  # noqa: E402

LOST = (OSError, http.client.HTTPException, ValueError)  # ValueError: no JSON, no UTF-8
SETTLE_SECONDS = 45  # the longest duration of a pour here + 10 s, on a machine that is busy


class Broken(Exception):
    """A promise was broken in a way that ends the round."""


class Plain(Client):
    """A client that looks at nothing but the answer."""

    @property
    def contract(self):
        return processes.Undocumented


def now_ms():
    return time.time() * 1000


def pause(seconds):
    threading.Event().wait(seconds)


class Machine:
    """One dispenser over all the lives of its process. Its truth outlives them."""

    def __init__(self, name, folder, protocol, seed, meter, port):
        self.name, self.protocol = name, protocol
        self.flash = folder / f"{name}.flash"
        self._options = ["--flash", self.flash, "--protocol", str(protocol), "--seed", str(seed),
                         "--meter", meter]
        self._port = port
        self._earlier = []  # episodes of lives gone by
        self.program = processes.Dispenser(*self._options, port=port)
        self.url = self.program.url

    @property
    def control(self):
        return self.program.control

    def episodes(self):
        return self._earlier + [Episode(
            self.name, each["request_id"], round(each["ml"] * 1000), each["began_ms"],
            each["final"], each["longest_without_glass_ms"])
            for each in self.control.truth()["episodes"]]

    def wait_until_still(self, complaint):
        def still(truth):
            return not truth["pump_on"] and all(each["final"] for each in truth["episodes"])

        if self.control.wait_for_truth(still, SETTLE_SECONDS) is None:
            raise Broken(complaint)

    def cut_power_and_lose_flash(self, spoil):
        """`spoil` changes the flash file while nobody uses it. Then the power is back."""
        self.control.power(False)
        self.wait_until_still("a machine without power still drips")
        self._earlier = self.episodes()
        self.program.kill()
        spoil(self.flash)
        self.program.close()
        self.program = processes.Dispenser(*self._options, port=self._port)


def wait_until(condition, complaint, seconds=SETTLE_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Broken(complaint)
        pause(0.01)


class World:
    """A server's lives on one database, its machines, and all that was said and seen."""

    def __init__(self, folder, rng):
        self.folder, self.rng = folder, rng
        self.database = folder / "pourtocol.db"
        self._ports = processes.HeldPorts()
        self.machines, self.urls = {}, {}
        self.figures = {}
        self.answers, self.seen_rows, self.unwritable, self.clocks = [], [], [], []
        self.server = None
        self.front = None  # what guests go through to the server; None: straight
        self.patience = 6  # seconds until a guest takes an answer for lost
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._story = (folder / "story.txt").open("w", buffering=1)
        self._logs = 0

    # What is told of it.

    def tell(self, what):
        self._story.write(f"{time.monotonic() - self._began:9.3f} {what}\n")

    def count(self, name, by=1):
        with self._lock:
            self.figures[name] = self.figures.get(name, 0) + by

    def note(self, answer):
        with self._lock:
            self.answers.append(answer)

    # Its programs.

    def add_machine(self, name, protocol=2, meter=None):
        machine = Machine(name, self.folder, protocol, self.rng.randrange(1, 10_000),
                          meter or self.rng.choice(("yes", "no")), self._ports.draw())
        self.machines[name], self.urls[name] = machine, machine.url
        self.tell(f"{name}: protocol {protocol} at {machine.url}")
        return machine

    def start_server(self, wrapped_in=(), **environment):
        # Guests go on asking where a server has died: no server of another world may answer there.
        server = processes.Server(self.database, self.urls, port=self._ports.draw(),
                                  wrapped_in=wrapped_in,
                                  environment=processes.clean_environment(**environment))
        server.client = Plain(server.port, seconds=6)
        self.server = server
        self.tell(f"server {server.process.pid} is up on {server.port}")
        threading.Thread(target=self._watch, args=(server.port,), daemon=True).start()

    def start_server_that_may_die(self, wrapped_in):
        """True: it got ready. False: it ended before."""
        try:
            self.start_server(wrapped_in)
            return True
        except AssertionError as error:
            self.tell(f"the server did not get ready: {error}")
            return False

    def kill_server(self):
        self.server.kill()
        self.forget_server()
        self.count("kills")

    def forget_server(self):
        """Of a server that is dead already."""
        self.tell(f"server {self.server.process.pid} was killed")
        (self.folder / f"server-{self._logs}.log").write_text(self.server.said)
        self._logs += 1
        self.server.close()

    def kill_a_starting_server(self, seconds, wrapped_in=(), **environment):
        """A server that lives so short that it may not even have opened its file."""
        process = subprocess.Popen(
            [*wrapped_in, *processes.Server.command(self.database, self.urls)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=processes.clean_environment(**environment), preexec_fn=processes.die_with_parent)
        pause(seconds)
        process.kill()
        process.wait()
        self.tell(f"a server was killed {seconds * 1000:.0f} ms after it was started")
        self.count("kills")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.server is not None:
            self.server.close()
        for machine in self.machines.values():
            machine.program.close()
        self._ports.close()
        self._story.close()

    def _watch(self, port):
        """The live stream of one server's life: each row it tells is durable."""
        try:
            with LiveStream(port) as stream:
                for event in stream:
                    if event.name == "log":
                        with self._lock:
                            self.seen_rows.append(event.data["row"])
        except (*LOST, AssertionError):
            pass  # it was killed

    # What guests do.

    def guest_port(self):
        return self.front.port if self.front is not None else self.server.port

    def ask(self, key, tap, user, amount_ml):
        """Orders once. None: no whole answer came."""
        try:
            answer = Plain(self.guest_port(), self.patience).dispense(
                amount_ml, user_token=user, key=key, tap=tap)
            said = answer.json
            code = "pouring" if said["success"] and answer.status == 200 else said.get(
                "code", "pending")
            if said.get("request_id") not in (key, None, ""):
                return None
        except (*LOST, KeyError, TypeError, AttributeError):
            return None
        told = Answer(key, tap, user, amount_ml, answer.status, code)
        self.note(told)
        return told

    def receipt(self, key):
        """None: no answer. Without "state": the server knows nothing of it."""
        try:
            found = Plain(self.guest_port(), self.patience).get(f"/api/pours/{key}").json
            return found if isinstance(found, dict) else None
        except LOST:
            return None

    wait = staticmethod(pause)

    def stop_pour(self, key):
        try:
            Plain(self.guest_port(), self.patience).post("/api/stop", {"request_id": key})
        except LOST:
            pass

    # The end of a round.

    def settle(self):
        """Faults have ceased: every open pour closes, healthy taps serve."""
        taps = {}

        def at_rest(event):
            shown = [event.data["tap"]] if event.name == "tap" else (
                event.data["status"]["taps"] if event.name == "snapshot" else [])
            taps.update({tap["name"]: tap["online"] and tap["pour"] is None for tap in shown})
            return taps and all(taps.values())

        deadline = time.monotonic() + SETTLE_SECONDS
        while not self._heard(at_rest, deadline):
            taps.clear()  # a call that fails may be this page's own: it opens its stream anew
        for machine in self.machines.values():
            machine.wait_until_still(f"17: {machine.name} still pours")

    def _heard(self, matches, deadline):
        """False: the stream broke."""
        try:
            with LiveStream(self.server.port) as stream:
                return stream.wait_for(matches, deadline - time.monotonic())
        except (*LOST, AssertionError) as error:
            if not self.server.running:
                raise Broken(f"the server died:\n{self.server.said}") from error
            if time.monotonic() > deadline:
                raise Broken(
                    f"17: a pour did not close, or a tap stayed offline: {error!r}") from error
            return False

    def ask_everything_again(self):
        """The same key gets the same answer, twice, and nothing more is poured."""
        known = Log.read(self.database).pours
        for key, pour in known.items():
            wish = (key, pour["tap"], pour["user_token"], pour["amount_ml"])
            first, second = (self._ask_until_heard(*wish) for _ in range(2))
            if first != second:
                raise Broken(f"9: {key} was answered {first}, and then {second}")

    def _ask_until_heard(self, *wish):
        for _ in range(200):
            told = self.ask(*wish)
            if told is not None and told.status != 429:
                return told
            pause(0.05)
        raise Broken(f"the server does not answer the order {wish}")

    def verdict(self):
        """Lets everything come to rest, stops the server, and judges: the violations."""
        try:
            self.front, self.patience = None, 6
            self.settle()
            self.ask_everything_again()
            self.settle()
            episodes = [each for machine in self.machines.values() for each in machine.episodes()]
            code = self.server.stop()
            self.forget_server()
            if code != 0:
                return [f"the server ended with {code}"]
            return self._judge(episodes)
        except Broken as broken:
            return [str(broken)]

    def _judge(self, episodes):
        found = []
        code, said = processes.run("check", "--database", self.database)
        if code != 0:
            found.append(f"8, 10: {said}")
        log = Log.read(self.database)
        self.count("pours", sum(pour["state"] != "refused" for pour in log.pours.values()))
        self.count("episodes", len(episodes))
        for answer in self.answers:
            self.count(f"told {answer.code}")
        for pour in log.pours.values():
            self.count(f"ended {pour['state']}")
            if pour["cause"] == "device_fault":
                self.count(f"refused for {pour['detail']}")
                self.tell(f"{pour['tap']} refused {pour['request_id']} for {pour['detail']}")
        for each in episodes:
            self.tell(f"truth: {each}")
        evidence = Evidence(log, episodes, self.answers, self.seen_rows, self.unwritable,
                            self.clocks)
        return found + list(violations(evidence))
