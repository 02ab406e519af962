#!/usr/bin/env python3
"""Brings a new firmware to a machine over the network: announces it, signed with the key of updates
(from the environment's UPDATE_KEY, or asked for), and sends the image.

    ./update.py esp32.local build/pourtocol_dispenser.bin [--older]
"""

import argparse
import getpass
import hashlib
import hmac
import http.client
import json
import os
import sys
from pathlib import Path

ANNOUNCED_FOR_MS = 5 * 60 * 1000
SECONDS_MAX = 30  # for each wait; checking the signature takes some


def announcement(status, older):
    """The line that the machine wants signed, good for its present boot and the next minutes."""
    expires = status["uptime_ms"] + ANNOUNCED_FOR_MS
    return f"boot_id={status['boot_id']}&expires_ms={expires}" + ("&older=yes" if older else "")


def signature(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def ask(host, method, path, body=None, headers=None):
    """The status and the JSON of an answer, also of one that comes before all has been sent."""
    connection = http.client.HTTPConnection(host, timeout=SECONDS_MAX)
    try:
        try:
            connection.request(method, path, body=body, headers=headers or {})
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered and reads no more
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")
    finally:
        connection.close()


def update(host, image, key, older=False):
    """Nothing if the machine has taken it; else a sentence why not."""
    _, status = ask(host, "GET", "/status")
    if "boot_id" not in status or "uptime_ms" not in status:
        return "That is no machine with our firmware."
    line = announcement(status, older)
    code, answer = ask(host, "POST", "/update", image, {
        "Content-Type": "application/octet-stream",
        "X-Pourtocol-Update": line,
        "X-Pourtocol-Signature": signature(key, line),
    })
    return None if code == 200 else answer.get("message", f"The machine answered {code}.")


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    options.add_argument("machine", help="its address, as in the server's URL of it")
    options.add_argument("image", type=Path)
    options.add_argument("--older", action="store_true", help="also if it is older than what runs")
    asked = options.parse_args()
    key = os.environ.get("UPDATE_KEY") or getpass.getpass("Key of updates: ")
    try:
        why_not = update(asked.machine.removeprefix("http://").rstrip("/"),
                         asked.image.read_bytes(), key, asked.older)
    except (OSError, ValueError, http.client.HTTPException) as failure:
        why_not = f"{asked.machine}: {failure}"
    if why_not:
        sys.exit(why_not)
    print("Taken. The machine restarts, and the new firmware is on trial for five minutes at most.")


if __name__ == "__main__":
    main()
