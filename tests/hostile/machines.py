"""Machines that mean no good: real ones, behind a door of the attacker's own."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Door:
    """Stands before a machine and passes everything on, unless a subclass does otherwise."""

    def __init__(self, machine):
        self.machine, self.over = machine, threading.Event()
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                door.on_get(self)

            def do_POST(self):
                door.on_post(self)

            def log_message(self, *_):
                pass

        class Listener(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):
                pass  # who asked has gone

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._listener.server_port}"
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)
        self._thread.start()

    def on_get(self, handler):
        self.say(handler, *self.ask("GET", handler.path))

    def on_post(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.say(handler, *self.ask("POST", handler.path, body))

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.machine.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    @staticmethod
    def say(handler, status, body):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        self.over.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        self.machine.close()


class HangsAtStops(Door):
    """It is well, as far as its status goes; what tells it to stop is never answered."""

    def __init__(self, machine):
        self.stops, self.open_stops, self.most_open = 0, 0, 0
        self._lock = threading.Lock()
        super().__init__(machine)

    def on_post(self, handler):
        if handler.path != "/stop":
            return super().on_post(handler)
        with self._lock:
            self.stops += 1
            self.open_stops += 1
            self.most_open = max(self.most_open, self.open_stops)
        # Its end is the server's to make: it closes the connection when its patience is over.
        handler.rfile.read()
        with self._lock:
            self.open_stops -= 1
        handler.close_connection = True
        return None


class AnswersAtOnce(Door):
    """Whoever asks for the next change is told one at once: the glass is there, and is not."""

    def __init__(self, machine):
        self.asked = 0
        super().__init__(machine)

    def on_get(self, handler):
        code, body = self.ask("GET", "/status")
        self.asked += 1
        status = json.loads(body)
        status["version"] = 1_000_000 + self.asked
        status["glass_present"] = bool(self.asked % 2)
        self.say(handler, code, json.dumps(status).encode())
