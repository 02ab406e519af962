"""A disk that takes no more: 503, and not one byte to the device."""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess

import pytest


def ignore_file_size_signal():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit then fails with EFBIG


def limit_files(server, bytes_max):
    """From now on the server can write no file beyond `bytes_max`. Works without being root."""
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (bytes_max, hard))


def wait_until_healthy(client):
    """The server tries its disk again by itself now and then; nobody is told when that succeeds."""
    for _ in range(20_000):
        if client.get("/healthz").status == 200:
            return
    raise AssertionError("the disk is fine again, and the server has not noticed")


def test_when_the_log_cannot_be_written_nothing_is_sent(party):
    good = party.device()
    server = party.server(good, before_start=ignore_file_size_signal)
    client = server.client
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    client.wait_until_final("wish-1")

    limit_files(server, 0)
    for key in ("wish-2", "wish-3"):
        answer = client.dispense(2, key=key)
        assert answer.status == 503 and answer.json["code"] == "store_failed", answer
    assert client.get("/healthz").status == 503
    assert client.get("/api/status").status == 200, "everybody can still see the machine"
    assert client.log() and client.receipt("wish-1")["state"] == "done", "and read the log"
    assert [order.request_id for order in good.orders] == ["wish-1"]

    limit_files(server, resource.RLIM_INFINITY)
    wait_until_healthy(client)
    client.wait_until_ready()
    assert client.dispense(2, key="wish-4").status == 200
    assert client.wait_until_final("wish-4")["state"] == "done"


def test_a_pour_running_when_the_disk_fails_is_settled_when_it_heals(party):
    slow = party.device(flow_ml_s=0.5)  # it still pours when the disk has failed
    server = party.server(slow, before_start=ignore_file_size_signal)
    client = server.client
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    limit_files(server, 0)
    client.wait_for_tap(lambda tap: tap["state"] == "pouring")
    client.wait_for_tap(lambda tap: tap["state"] == "idle")
    assert client.receipt("wish-1")["final"] is False, "what is not durable is not said"
    limit_files(server, resource.RLIM_INFINITY)
    # Read back from the file it is a pour like one before a restart: seen too late to be sure of.
    receipt = client.wait_until_final("wish-1")
    assert receipt["state"] in {"done", "unknown"} and receipt["ml_min"] <= 2 <= receipt["ml_max"]
    assert slow.poured == ["wish-1"]


def look_at_it_with_a_tool(file):
    """As anybody may: opened to write, read, closed. Who closes a log last empties its -wal."""
    with contextlib.closing(sqlite3.connect(file)) as tool:
        assert tool.execute("SELECT count(*) FROM events").fetchone()[0] > 0


def test_a_tool_that_looks_at_a_log_that_has_healed_takes_nothing_away(party):
    good = party.device()
    server = party.server(good, before_start=ignore_file_size_signal)
    client = server.client
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    client.wait_until_final("wish-1")
    assert client.log(), "from now on the server reads the file too"
    limit_files(server, 0)
    assert client.dispense(2, key="wish-2").status == 503
    limit_files(server, resource.RLIM_INFINITY)
    wait_until_healthy(client)
    client.wait_until_ready()
    look_at_it_with_a_tool(party.database)
    assert client.dispense(2, key="wish-3").status == 200
    assert client.wait_until_final("wish-3")["state"] == "done"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB that can be filled to the last byte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(
            mount, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_503_until_there_is_room_again(small_disk, party):
    party.database = small_disk / "pourtocol.db"
    good = party.device()
    server = party.server(good)
    client = server.client
    client.wait_until_ready()
    with open(small_disk / "holiday-photos", "wb", buffering=0) as filler:
        with pytest.raises(OSError):
            while True:
                filler.write(b"\xff" * 4096)
    refused = None
    for number in range(2000):  # room within the log's own last page may take some rows
        answer = client.dispense(61, key=f"fill-{number}")
        if answer.status == 503:
            refused = answer
            break
    assert refused is not None and refused.json["code"] == "store_failed"
    assert client.dispense(2, key="wish-1").status == 503
    assert good.orders == []
    os.unlink(small_disk / "holiday-photos")
    wait_until_healthy(client)
    client.wait_until_ready()
    assert client.dispense(2, key="wish-2").status == 200
    assert client.wait_until_final("wish-2")["state"] == "done"
    assert server.stop() == 0


@pytest.mark.parametrize("lose", ["remove", "replace"])
def test_a_log_whose_file_is_lost_is_told_before_anybody_orders(party, lose):
    server = party.server(party.device())
    client = server.client
    client.wait_until_ready()
    assert client.dispense(2, key="wish-1").status == 200
    client.wait_until_final("wish-1")
    aside = party.folder / "aside.db"
    if lose == "replace":
        shutil.copy(party.database, party.folder / "another.db")
    party.database.rename(aside)
    if lose == "replace":
        (party.folder / "another.db").rename(party.database)
    tap = client.wait_for_tap(lambda tap: tap["blocked_by"])
    assert tap["blocked_by"]["code"] == "log_failed"
    assert "restore a backup" in tap["blocked_by"]["reason"]
    (lock,) = [lock for lock in client.get("/api/why").json["interlocks"] if not lock["ok"]]
    assert (lock["name"], lock["kind"]) == ("log_writable", "file_lost")
    assert f"pourtocol.db was {lose}d while the server had it open" in lock["value"]
    assert client.get("/healthz").status == 503
    assert server.stop() == 0
    assert server.said.count(f"pourtocol.db was {lose}d while the server had it open") == 1
    aside.replace(party.database)
