"""A dispenser of the seed's contract, written from the contract alone: raw sockets and threads,
nothing shared with the product. It records every byte of every order it is sent, and can misbehave.

    GET  /status    -> {"state":"idle|pouring","glass_present":bool,"uptime":int}
    POST /dispense  {"amount_ml":int,"request_id":str} -> 2xx accepted, 4xx refused

How it answers an order and a status is a function it is given; the ones below are the ways in which
real devices go wrong.
"""

import json
import socket
import struct
import threading
import time

HTML = (b"<!DOCTYPE html><html><head><title>Router</title></head>"
        b"<body><h1>Log in to your router</h1></body></html>")


class Order:
    """A connection on which something that is no GET arrived: an order, or the beginning of one."""

    def __init__(self):
        self.bytes = b""
        self.request_id = None
        self.amount_ml = None

    def __repr__(self):
        return f"Order({self.bytes!r})"


class SeedDevice:
    """Serves from the moment it is made until `close()`. Thread-safe."""

    def __init__(self, order=None, status=None, flow_ml_s=25.0, glass=True, host="127.0.0.1",
                 port=0, uptime=1000, stays=False, one_at_a_time=False):
        """`stays`: a connection may carry one request after another; `one_at_a_time`: and until it
        is closed, nobody else is heard."""
        self.stays, self.one_at_a_time = stays, one_at_a_time
        self.answer_order = order or accept
        self.answer_status = status or tell_truth
        self.flow_ml_s = flow_ml_s
        self.glass = glass
        self.orders = []
        self.statuses = []  # (connection, head) of each that was asked
        self.poured = []  # the request id of each episode
        self.on_first_order_byte = None  # called before anything of the order is looked at
        self._changed = threading.Condition()
        self._pour_ends = None
        self._boot, self._uptime_at_boot = time.monotonic(), uptime
        self._open = set()
        self.closed = threading.Event()
        self._listener = socket.create_server((host, port))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    # What happens to it.

    def reboot(self):
        """Loses power and comes back at once: pump off, uptime from zero, every connection cut."""
        with self._changed:
            self._pour_ends = None
            self._boot, self._uptime_at_boot = time.monotonic(), 0
            self._changed.notify_all()
        self.cut_connections()

    def cut_connections(self):
        for connection in list(self._open):
            reset(connection)

    def close(self):
        self.closed.set()
        # shutdown wakes the thread that waits in accept; close alone would not.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.cut_connections()

    def pour(self, order):
        with self._changed:
            self.poured.append(order.request_id)
            self._pour_ends = time.monotonic() + order.amount_ml / self.flow_ml_s
            self._changed.notify_all()

    # What it is like.

    @property
    def pouring(self):
        return self._pour_ends is not None and time.monotonic() < self._pour_ends

    @property
    def uptime(self):
        return int(time.monotonic() - self._boot) + self._uptime_at_boot

    def wait_for_order(self, count=1, seconds=20):
        """The `count`-th order, as soon as it has arrived whole."""
        with self._changed:
            arrived = self._changed.wait_for(
                lambda: sum(o.request_id is not None for o in self.orders) >= count, seconds)
        assert arrived, f"no order arrived; bytes so far: {self.orders}"
        return self.orders[count - 1]

    def wait_for_status(self, is_it, seconds=20):
        """Until a status is asked that is the one, by its connection and head."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(is_it(*one) for one in self.statuses),
                                          seconds), f"never asked so: {self.statuses}"

    def wait_for_pour(self, seconds=20):
        with self._changed:
            assert self._changed.wait_for(lambda: self.poured, seconds), "nothing was poured"

    # Its server.

    def _serve(self):
        while not self.closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            if self.one_at_a_time:
                self._converse(connection)
            else:
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        try:
            while self._answer_one(connection) and self.stays:
                pass
        except OSError:
            pass
        finally:
            self._open.discard(connection)
            connection.close()

    def _answer_one(self, connection):
        head, body, order = b"", b"", None
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            if not received:
                return False
            order = self._record(order, head + received, received)
            head += received
        head, _, body = head.partition(b"\r\n\r\n")
        while len(body) < content_length(head):
            received = connection.recv(4096)
            if not received:
                return False
            order = self._record(order, head, received)
            body += received
        if order is None:
            with self._changed:
                self.statuses.append((connection, head))
                self._changed.notify_all()
            self.answer_status(self, connection)
        elif head.startswith(b"POST /dispense "):
            self._take_order(order, body, connection)
        else:
            answer(connection, 404, {"error": "not found"})
        return True

    def _record(self, order, seen, received):
        if seen[:1] == b"G":
            return None
        if order is None:
            if self.on_first_order_byte is not None:
                self.on_first_order_byte()
            order = Order()
            with self._changed:
                self.orders.append(order)
        order.bytes += received
        return order

    def _take_order(self, order, body, connection):
        wish = json.loads(body)
        with self._changed:
            order.amount_ml, order.request_id = wish["amount_ml"], wish["request_id"]
            self._changed.notify_all()
        assert type(order.amount_ml) is int and type(order.request_id) is str
        self.answer_order(self, connection, order)


def content_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def answer(connection, status, body, content_type="application/json", version="1.1",
           fields="Connection: close\r\n"):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    connection.sendall(
        f"HTTP/{version} {status} X\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n{fields}\r\n".encode() + body)


def reset(connection):
    """Ends a connection the hard way: RST, and what was not read yet is lost."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)  # wakes a thread that reads, and sends no orderly FIN
    except OSError:
        pass
    connection.close()


# How it answers a status.

def tell_truth(device, connection, **more):
    answer(connection, 200, {"state": "pouring" if device.pouring else "idle",
                             "glass_present": device.glass, "uptime": device.uptime}, **more)


def tell_truth_and(**more):
    """With another version of HTTP, or other fields."""
    return lambda device, connection: tell_truth(device, connection, **more)


def say(status, body, content_type="application/json"):
    return lambda device, connection, order=None: answer(connection, status, body, content_type)


def raw(head, *more):
    """These very bytes, and the end of the connection."""
    return lambda device, connection, order=None: connection.sendall(b"".join((head, *more)))


router_page = say(200, HTML, "text/html")


def hang(device, connection, order=None):
    """Keeps the connection open and never says a word."""
    device.closed.wait()


# How it answers an order.

def accept(device, connection, order):
    device.pour(order)
    answer(connection, 200, {"ok": True})


def accept_naming(request_id):
    def answer_order(device, connection, order):
        device.pour(order)
        answer(connection, 200, {"ok": True, "request_id": request_id})
    return answer_order


def refuse(device, connection, order):
    answer(connection, 409, {"error": "no glass"})


def drop(device, connection, order):
    reset(connection)


def pour_and(then):
    """Pours, but what it says of it is something else."""
    def answer_order(device, connection, order):
        device.pour(order)
        then(device, connection, order)
    return answer_order


def reboot_and_drop(device, connection, order):
    device.pour(order)
    device.reboot()


def trickle(device, connection, order):
    """Pours, and answers one byte at a time, slower than anybody waits."""
    device.pour(order)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
        connection.sendall(bytes([byte]))
        if device.closed.wait(0.4):
            return


def close_half_way(device, connection, order):
    """Pours, promises a body, and is gone before it is whole."""
    device.pour(order)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"ok":')
