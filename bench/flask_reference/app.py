"""The original's API as its description has it, in Flask, to measure against: status proxied from
the device, dispense with the busy guard, the cap and the log, logs from SQLite.

Settings by environment: ESP32_URLS (one or more devices, comma-separated; "tap" in an order
picks one), DATABASE_PATH.
"""

import json
import os
import sqlite3
import time
import urllib.error
import urllib.request

from flask import Flask, g, jsonify, request

DEVICES = os.environ.get("ESP32_URLS", "http://esp32.local").split(",")
DATABASE = os.environ.get("DATABASE_PATH", "pourtocol.db")
STATUS_TIMEOUT_S, DISPENSE_TIMEOUT_S = 1.0, 2.0
AMOUNT_MAX_ML = 60

app = Flask(__name__)


def database():
    if "database" not in g:
        g.database = sqlite3.connect(DATABASE, timeout=10)
        g.database.row_factory = sqlite3.Row
    return g.database


@app.teardown_appcontext
def close_database(_):
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


def create_tables():
    with sqlite3.connect(DATABASE) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("""CREATE TABLE IF NOT EXISTS events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
            user_token TEXT, amount_ml INTEGER, status TEXT, reason TEXT)""")


def write_event(user_token, amount_ml, status, reason=None):
    connection = database()
    connection.execute(
        "INSERT INTO events (user_token, amount_ml, status, reason) VALUES (?, ?, ?, ?)",
        (user_token, amount_ml, status, reason))
    connection.commit()


def call_device(device, path, body=None, timeout=STATUS_TIMEOUT_S):
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(device + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(call, timeout=timeout) as answer:
        return json.load(answer)


def device_status(device):
    try:
        return call_device(device, "/status")
    except (OSError, ValueError):
        return None


@app.get("/api/status")
def status():
    esp_status = device_status(DEVICES[0])
    return jsonify(server_online=True, esp_online=esp_status is not None,
                   esp_status=esp_status and {key: esp_status.get(key) for key in
                                              ("state", "glass_present", "uptime", "last_pour_ml")},
                   timestamp=time.time(),
                   is_pouring=bool(esp_status) and esp_status.get("state") == "pouring")


@app.post("/api/dispense")
def dispense():
    order = request.get_json(silent=True) or {}
    amount_ml, user_token = order.get("amount_ml"), order.get("user_token")
    if not isinstance(amount_ml, int) or not 0 < amount_ml <= AMOUNT_MAX_ML or not user_token:
        return jsonify(success=False, reason="Invalid order"), 400
    device = DEVICES[int(order.get("tap", "t0")[1:])]
    esp_status = device_status(device)
    if esp_status is None:
        return jsonify(success=False, reason="Machine offline"), 503
    if esp_status.get("state") != "idle":
        return jsonify(success=False, reason="Machine busy"), 409
    if not esp_status.get("glass_present"):
        return jsonify(success=False, reason="No glass"), 409
    request_id = order.get("request_id") or f"{user_token}-{time.time()}"
    write_event(user_token, amount_ml, "started")
    try:
        call_device(device, "/dispense", {"amount_ml": amount_ml, "request_id": request_id},
                    DISPENSE_TIMEOUT_S)
    except OSError as error:
        write_event(user_token, amount_ml, "failed", str(error))
        return jsonify(success=False, reason="Machine did not answer"), 504
    return jsonify(success=True, message=f"Pouring {amount_ml} ml", request_id=request_id)


@app.get("/api/logs")
def logs():
    limit = request.args.get("limit", 50, type=int)
    rows = database().execute(
        "SELECT id, timestamp, user_token, amount_ml, status, reason FROM events"
        " ORDER BY timestamp DESC LIMIT ?", (limit,))
    return jsonify([dict(row) for row in rows])


create_tables()
