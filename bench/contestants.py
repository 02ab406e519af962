"""Starts and ends what is measured: pourtocol, nginx, the Flask reference, and the devices behind
them. Everything on loopback, everything ended with the bench whatever happens to it.
"""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"
_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGTERM)


class Contestant:
    """One program and its children."""

    def __init__(self, command, log, environment=None):
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})},
            preexec_fn=_die_with_parent)
        self.url = None

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def memory_mb(self):
        """What it keeps resident: shared pages counted once over all its processes (PSS)."""
        total_kb = 0
        for pid in self.pids():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total_kb += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M).group(1))
        return total_kb / 1024

    def resident_mb(self):
        """VmRSS, shared pages included in full, of the first process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)) / 1024

    def cpu_us(self):
        """What it has used so far: of its first thread its own time and the kernel's for it, and
        the same of all its other threads and processes."""
        us_per_tick = 1e6 / os.sysconf("SC_CLK_TCK")
        used = [0.0, 0.0, 0.0, 0.0]
        for pid in self.pids():
            for thread in os.listdir(f"/proc/{pid}/task"):
                fields = Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2]
                place = 0 if int(thread) == self.process.pid else 2
                for i, ticks in enumerate(fields.split()[11:13]):
                    used[place + i] += int(ticks) * us_per_tick
        return used

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for(url, contestant, ready=lambda answer: True, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if ready(answer.read()):
                    return
        except OSError:
            pass
        if contestant.process.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"bench: nothing useful answered at {url}; see the logs in build/bench")


def start_devices(count, folder, version=2):
    log = open(folder / f"devices-{count}-{version}.log", "w+")
    made = Contestant([BIN / "pourtocol-bench-devices", count, version], log)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        words = Path(log.name).read_text().split()
        if words and words[0] == "ready" and len(words) == count + 1:
            made.urls = [f"http://127.0.0.1:{port}" for port in words[1:]]
            return made
        time.sleep(0.02)
    sys.exit(f"bench: the devices did not start; see {log.name}")


def start_pourtocol(devices, folder, name, program=None):
    """`program`: another build of it than this checkout's."""
    port = free_port()
    taps = [word for i, url in enumerate(devices.urls) for word in ("--tap", f"t{i}={url}")]
    made = Contestant(
        [program or BIN / "pourtocol", "serve", "--host", "127.0.0.1", "--port", port, "--database",
         folder / f"{name}.db", *taps], open(folder / f"{name}.log", "w"))
    made.url = f"http://127.0.0.1:{port}"
    wait_for(made.url + "/api/status", made,
             lambda body: all(tap["ready"] for tap in json.loads(body)["taps"]))
    return made


def start_flask(devices, folder, name):
    port = free_port()
    made = Contestant(
        ["/usr/bin/python3", "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2",
         "--threads", "4", "--chdir", ROOT / "bench" / "flask_reference", "app:app"],
        open(folder / f"{name}.log", "w"),
        {"ESP32_URLS": ",".join(devices.urls), "DATABASE_PATH": str(folder / f"{name}.db")})
    made.url = f"http://127.0.0.1:{port}"
    wait_for(made.url + "/api/logs", made)
    return made


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  open_file_cache max=16; default_type application/json;
  client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi; uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/nginx;
    location = /api/dispense {{ return 200 '{dispense}'; }}
  }}
}}
"""


def start_nginx(answers, folder):
    """Serves the very bytes pourtocol answered: files, and for dispense a fixed answer."""
    files = folder / "nginx" / "api"
    files.mkdir(parents=True, exist_ok=True)
    (files / "status").write_bytes(answers["status"])
    (files / "logs").write_bytes(answers["logs"])
    port = free_port()
    configuration = folder / "nginx.conf"
    # Its worker would else be another user, who may not be allowed to read this folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration.write_text(user + NGINX.format(
        folder=folder, port=port, dispense=answers["dispense"].decode().replace("'", "\\'")))
    made = Contestant(["/usr/sbin/nginx", "-c", configuration, "-p", folder],
                      open(folder / "nginx.log", "w"))
    made.url = f"http://127.0.0.1:{port}"
    wait_for(made.url + "/api/status", made)
    return made
