"""What a maker runs on his own computer: the build's look at ESP-IDF, and the bringer of updates."""

import hashlib
import hmac
import http.server
import json
import os
import re
import subprocess
import sys
import threading

import house
import pytest

FIRMWARE = house.ROOT / "firmware/esp32"


@pytest.mark.parametrize("version, complaint", [
    ("4.4.8", "needs 5.5.3"), ("5.4.9", "needs 5.5.3"), ("5.5.2", "This is ESP-IDF 5.5.2"),
    ("5.5.3", None), ("5.5.10", None), ("6.0.0", None),
])
def test_the_build_stops_under_an_esp_idf_that_is_too_old(tmp_path, version, complaint):
    tools = tmp_path / "tools/cmake"
    tools.mkdir(parents=True)
    numbers = zip(("MAJOR", "MINOR", "PATCH"), version.split("."))
    (tools / "version.cmake").write_text("".join(
        f"set(IDF_VERSION_{name} {number})\n" for name, number in numbers))
    ran = subprocess.run(["cmake", "-P", FIRMWARE / "idf_version.cmake"], capture_output=True,
                         text=True, env=os.environ | {"IDF_PATH": str(tmp_path)})
    said = " ".join(ran.stderr.split())
    assert (ran.returncode == 0) == (complaint is None), said
    assert complaint is None or complaint in said


def test_the_firmware_has_a_version_that_can_be_compared():
    lists = (FIRMWARE / "CMakeLists.txt").read_text()
    version = re.search(r'set\(PROJECT_VER "([^"]*)"\)\nproject\(', lists)
    assert version and re.fullmatch(r"\d+\.\d+\.\d+", version[1])


class Machine(http.server.BaseHTTPRequestHandler):
    """Answers as the server says, and keeps what it was asked."""

    def do_GET(self):
        self.answer(200, {"boot_id": "9f86d081884c7d65", "uptime_ms": 5000})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.answer(*self.server.answer)

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def machine():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Machine)
    server.asked, server.answer = [], (200, {"ok": True})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def bring(machine, tmp_path, *options):
    image = tmp_path / "image.bin"
    image.write_bytes(b"\xe9" + bytes(300_000))
    return subprocess.run(
        [sys.executable, FIRMWARE / "update.py", f"http://127.0.0.1:{machine.server_port}/", image,
         *options], capture_output=True, text=True, env=os.environ | {"UPDATE_KEY": "k" * 16})


@pytest.mark.parametrize("options, line", [
    ((), "boot_id=9f86d081884c7d65&expires_ms=305000"),
    (("--older",), "boot_id=9f86d081884c7d65&expires_ms=305000&older=yes"),
])
def test_an_update_is_announced_for_this_boot_and_signed(machine, tmp_path, options, line):
    ran = bring(machine, tmp_path, *options)
    assert (ran.returncode, ran.stderr) == (0, "")
    (path, headers, body), = machine.asked
    assert path == "/update" and len(body) == 300_001
    assert headers["X-Pourtocol-Update"] == line
    assert headers["X-Pourtocol-Signature"] == hmac.new(
        b"k" * 16, line.encode(), hashlib.sha256).hexdigest()
    assert headers["Host"] == f"127.0.0.1:{machine.server_port}"  # an address: it is let in


def test_a_machine_that_takes_no_update_is_heard(machine, tmp_path):
    machine.answer = (409, {"error": "older", "message": "That image is older than what runs."})
    ran = bring(machine, tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "That image is older than what runs.\n")


def test_nobody_there_is_said(tmp_path, machine):
    machine.server_port = 1
    ran = bring(machine, tmp_path)
    assert ran.returncode == 1 and "Connection refused" in ran.stderr
