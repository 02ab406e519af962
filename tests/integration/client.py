"""A guest of the server: plain requests, raw bytes, and the live stream. Every answer to a
documented path, every refusal and every event is checked against the server's own OpenAPI document.
"""

import http.client
import json
import socket
import time

import contract


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """One request per connection. `seconds` bounds every wait for a byte."""

    def __init__(self, port, seconds=20):
        self.port, self.seconds = port, seconds
        self._contract = None

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()
        self.contract.check(method, path, answer)
        return answer

    @property
    def contract(self):
        if self._contract is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
            connection.request("GET", "/api/openapi.json")
            self._contract = contract.Contract(json.loads(connection.getresponse().read()))
            connection.close()
        return self._contract

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body, **headers):
        return self.request("POST", path, body, headers)

    # Verbs of the product.

    def dispense(self, amount_ml=2, user_token="ann", key=None, **more):
        wish = {"amount_ml": amount_ml, "user_token": user_token, **more}
        if key is not None:
            wish["request_id"] = key
        return self.post("/api/dispense", wish)

    def service(self, kind, user_token="host", key=None, tap="main", **more):
        wish = {"kind": kind, "user_token": user_token, **more}
        if key is not None:
            wish["request_id"] = key
        return self.post(f"/api/taps/{tap}/service", wish)

    def calibration(self, tap="main"):
        return self.get(f"/api/taps/{tap}/calibration")

    def calibrate(self, action, user_token="host", tap="main", **more):
        return self.post(f"/api/taps/{tap}/calibration",
                         {"action": action, "user_token": user_token, **more})

    def receipt(self, request_id):
        return self.get(f"/api/pours/{request_id}").json

    def status(self):
        return self.get("/api/status").json

    def tap(self, name="main"):
        return next(tap for tap in self.status()["taps"] if tap["name"] == name)

    def log(self, query=""):
        return self.get("/api/logs" + query).json

    def rows_of(self, request_id):
        """The log's rows of one pour, oldest first."""
        return [row for row in reversed(self.log("?limit=1000")) if row["request_id"] == request_id]

    def live(self):
        return LiveStream(self.port, self.seconds, self.contract)

    def wait_for_tap(self, condition, name="main", seconds=20):
        """The first state of the tap, present or to come, that meets the condition."""
        def matches(event):
            taps = [event.data["tap"]] if event.name == "tap" else (
                event.data["status"]["taps"] if event.name == "snapshot" else [])
            return next((t for t in taps if t["name"] == name and condition(t)), None)

        with self.live() as stream:
            return stream.wait_for(matches, seconds)

    def wait_until_ready(self, name="main"):
        return self.wait_for_tap(lambda tap: tap["ready"], name)

    def wait_until_final(self, request_id, seconds=40):
        """The receipt of a pour once it is settled."""
        def settled(event):
            # A snapshot says that earlier changes may have been missed: ask. A row says one came.
            is_news = event.name == "snapshot" or (
                event.name == "log" and event.data["row"]["request_id"] == request_id)
            receipt = self.receipt(request_id) if is_news else {}
            return receipt if receipt.get("final") else None

        with self.live() as stream:
            return stream.wait_for(settled, seconds)

    # Bytes as no library would send them.

    def send(self, method, path, body=b""):
        """Sends a request and does not wait: the connection, for `read_answer` or to be cut."""
        connection = socket.create_connection(("127.0.0.1", self.port), self.seconds)
        connection.sendall(request_bytes(method, path, body))
        return connection

    def raw(self, *chunks):
        """Sends the bytes over one connection; the whole answer until the server closes it."""
        with socket.create_connection(("127.0.0.1", self.port), self.seconds) as connection:
            for chunk in chunks:
                try:
                    connection.sendall(chunk)
                except OSError:
                    break  # refused half way: the answer may be there all the same
            answer = parse_answer(read_to_end(connection))
        self.contract.check_refusal(b"".join(chunks)[:80], answer)
        return answer


def request_bytes(method, path, body=b"", *headers):
    """A request as bytes, asking the server to close the connection after its answer."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_to_end(connection):
    received = b""
    while True:
        try:
            more = connection.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            return received
        received += more


def read_answer(connection):
    with connection:
        return parse_answer(read_to_end(connection))


def parse_answer(text):
    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[0].startswith("HTTP/1."), f"no HTTP answer: {text[:200]!r}"
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return Answer(int(lines[0].split(" ")[1]), headers, body)


class Event:
    def __init__(self, name, number, data):
        self.name, self.id, self.data = name, number, data

    def __repr__(self):
        return f"Event({self.name}, {self.id}, {self.data})"


class LiveStream:
    """GET /api/events. Iterating blocks until the next event; each is held against `contract`."""

    def __init__(self, port, seconds=20, contract=None):
        self.contract = contract
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        self.connection.request("GET", "/api/events", headers={"Accept": "text/event-stream"})
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.status
        assert self.response.headers.get("Content-Type", "").startswith("text/event-stream")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.response.close()
        self.connection.close()

    def __iter__(self):
        return self

    def __next__(self):
        name, number, data = "message", None, []
        while True:
            line = self.response.readline()
            if not line:
                raise StopIteration
            line = line.decode().rstrip("\r\n")
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if line == "" and data:
                event = Event(name, number, json.loads("\n".join(data)))
                if self.contract is not None:
                    self.contract.check_event(event)
                return event
            if field == "event":
                name = value
            elif field == "id":
                number = int(value)
            elif field == "data":
                data.append(value)

    def wait_for(self, matches, seconds=20):
        """What `matches(event)` returns, for the first event for which it is not None or False.

        Heartbeats keep the loop turning, so the bound holds although reading blocks."""
        deadline = time.monotonic() + seconds
        seen = []
        for event in self:
            found = matches(event)
            if found is not None and found is not False:
                return found
            seen.append(event)
            assert time.monotonic() < deadline, f"not within {seconds} s; seen last: {seen[-3:]}"
        raise AssertionError(f"the stream ended; seen last: {seen[-3:]}")
