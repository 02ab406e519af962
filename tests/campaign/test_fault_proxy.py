"""Each fate of a connection is what its name says."""

import errno
import random
import socket
import threading

import pytest

from fault_proxy import DOWN, UP, Fate, FaultProxy, draw

WORDS = b"0123456789" * 10
RESET = {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}  # as it is read, written to, or shut


class Parrot:
    """Says everything back, and remembers it."""

    def __init__(self):
        self.heard, self._changed = [], threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._parrot(connection)

    def _parrot(self, connection):
        words = b""
        try:
            while more := connection.recv(4096):
                words += more
                connection.sendall(more)
        except OSError:
            pass
        with self._changed:
            self.heard.append(words)
            self._changed.notify_all()

    def wait_for(self, count):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, 10), self.heard
        return self.heard

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def say():
    """Says WORDS through a proxy with the fate: (what was heard, what came back, how it ended)."""
    parrot, proxies = Parrot(), []

    def speak(fate, calm=False):
        proxy = FaultProxy(lambda: parrot.port, random.Random(1), choose=lambda *_: fate)
        proxy.calm = calm
        proxies.append(proxy)
        end = "closed"
        back = b""
        with socket.create_connection(("127.0.0.1", proxy.port), 10) as connection:
            try:
                connection.sendall(WORDS)
                connection.shutdown(socket.SHUT_WR)
                while more := connection.recv(4096):
                    back += more
            except OSError as error:
                if error.errno not in RESET:
                    raise
                end = "reset"
        return parrot, back, end

    yield speak
    for proxy in proxies:
        proxy.close()
    parrot.close()


def test_a_clean_connection_is_left_alone(say):
    parrot, back, end = say(Fate("clean"))
    assert (parrot.wait_for(1), back, end) == ([WORDS], WORDS, "closed")


def test_in_calm_nothing_happens(say):
    parrot, back, _ = say(Fate("garbage", at=3, bytes_=b"!!"), calm=True)
    assert (parrot.wait_for(1), back) == ([WORDS], WORDS)


def test_a_delayed_connection_is_whole(say):
    _, back, end = say(Fate("delayed", DOWN, seconds=0.05))
    assert (back, end) == (WORDS, "closed")


def test_a_reset_cuts_at_its_byte(say):
    parrot, back, end = say(Fate("reset", UP, at=7))
    assert parrot.wait_for(1)[0] in (b"", WORDS[:7]), "a reset may take along what was under way"
    assert WORDS[:7].startswith(back) and end == "reset"


def test_a_closed_answer_ends_at_its_byte(say):
    _, back, end = say(Fate("closed", DOWN, at=7))
    assert (back, end) == (WORDS[:7], "closed")


def test_bytes_are_doubled(say):
    parrot, _, _ = say(Fate("doubled", UP, at=4, length=3))
    assert parrot.wait_for(1) == [WORDS[:4] + b"456" + WORDS[4:]]


def test_garbage_comes_between(say):
    _, back, _ = say(Fate("garbage", DOWN, at=4, bytes_=b"!?"))
    assert back == WORDS[:4] + b"!?" + WORDS[4:]


def test_a_deaf_way_carries_no_more(say):
    parrot, back, _ = say(Fate("deaf", DOWN, at=4))
    assert parrot.wait_for(1) == [WORDS] and back == WORDS[:4]


def test_what_is_replayed_arrives_twice(say):
    parrot, back, _ = say(Fate("replayed", seconds=0.01))
    assert back == WORDS and parrot.wait_for(2) == [WORDS, WORDS]


def test_the_same_seed_draws_the_same_fates():
    fates = [[str(draw(rng, True)) for _ in range(200)]
             for rng in (random.Random(5), random.Random(5))]
    assert fates[0] == fates[1]
    kinds = {fate.partition(" ")[0] for fate in fates[0]}
    assert kinds == {"clean", "delayed", "reset", "closed", "doubled", "garbage", "deaf",
                     "replayed"}
    never = {str(draw(random.Random(n), False)).partition(" ")[0] for n in range(500)}
    assert "replayed" not in never
