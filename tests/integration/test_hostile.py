"""What no honest client sends. Each is refused with a reason in JSON, nothing reaches the device,
and the server serves the next guest as if nothing had been.
"""

import json
import socket

import pytest
from client import read_to_end, request_bytes


SECRET = "what lies beside the page"


@pytest.fixture(scope="module")
def hostile_party(tmp_path_factory):
    from conftest import Party
    party = Party(tmp_path_factory.mktemp("hostile"))
    yield party
    party.close()


@pytest.fixture(scope="module")
def target(hostile_party):
    """One server for all of it: what one request breaks, the next test sees."""
    device = hostile_party.device()
    page = hostile_party.folder / "www"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>The page</title>")
    (hostile_party.folder / "secret.txt").write_text(SECRET)
    server = hostile_party.server(device, "--web-root", page)
    server.client.wait_until_ready()
    return device, server


@pytest.fixture(autouse=True)
def unharmed(target):
    device, server = target
    yield
    assert server.running, server.said
    assert server.client.get("/api/status").status == 200
    assert device.orders == []


def refused(answer, *statuses):
    assert answer.status in statuses, answer
    said = answer.json
    assert said["success"] is False and said["code"], said
    assert not said["reason"][0].islower() and said["reason"].endswith("."), said


BAD_BODIES = {
    "empty": b"",
    "no-json": b"amount_ml=30",
    "array": b"[30]",
    "null": b"null",
    "string": b'"30"',
    "cut-off": b'{"amount_ml":30,',
    "trailing": b'{"amount_ml":30,"user_token":"ann"} x',
    "two-values": b'{"amount_ml":30,"user_token":"ann"}{}',
    "no-amount": b'{"user_token":"ann"}',
    "no-user": b'{"amount_ml":30}',
    "amount-string": b'{"amount_ml":"30","user_token":"ann"}',
    "amount-fraction": b'{"amount_ml":30.5,"user_token":"ann"}',
    "amount-null": b'{"amount_ml":null,"user_token":"ann"}',
    "amount-true": b'{"amount_ml":true,"user_token":"ann"}',
    "amount-array": b'{"amount_ml":[30],"user_token":"ann"}',
    "amount-nan": b'{"amount_ml":NaN,"user_token":"ann"}',
    "amount-infinity": b'{"amount_ml":Infinity,"user_token":"ann"}',
    "amount-1e400": b'{"amount_ml":1e400,"user_token":"ann"}',
    "amount-2^63": b'{"amount_ml":9223372036854775808,"user_token":"ann"}',
    "amount-2^64+30": b'{"amount_ml":18446744073709551646,"user_token":"ann"}',
    "amount-2^32+30": b'{"amount_ml":4294967326,"user_token":"ann"}',
    "amount-minus-zero": b'{"amount_ml":-0,"user_token":"ann"}',
    "amount-hex": b'{"amount_ml":0x1E,"user_token":"ann"}',
    "amount-leading-zero": b'{"amount_ml":030,"user_token":"ann"}',
    "amount-plus": b'{"amount_ml":+30,"user_token":"ann"}',
    "doubled-key": b'{"amount_ml":30,"amount_ml":60,"user_token":"ann"}',
    "doubled-key-escaped": b'{"amount_ml":30,"\\u0061mount_ml":60,"user_token":"ann"}',
    "user-number": b'{"amount_ml":30,"user_token":7}',
    "user-empty": b'{"amount_ml":30,"user_token":""}',
    "user-too-long": b'{"amount_ml":30,"user_token":"' + b"x" * 129 + b'"}',
    "user-control": b'{"amount_ml":30,"user_token":"a\\u0000b"}',
    "user-invisible": b'{"amount_ml":30,"user_token":"\\u200b\\u3164"}',
    "user-newline": b'{"amount_ml":30,"user_token":"a\\nb"}',
    "user-raw-control": b'{"amount_ml":30,"user_token":"a\x01b"}',
    "user-bad-utf8": b'{"amount_ml":30,"user_token":"\xff\xfe"}',
    "user-overlong-utf8": b'{"amount_ml":30,"user_token":"\xc0\xaf"}',
    "user-surrogate": b'{"amount_ml":30,"user_token":"\xed\xa0\x80"}',
    "user-lone-escape": b'{"amount_ml":30,"user_token":"\\ud800"}',
    "key-with-slash": b'{"amount_ml":30,"user_token":"ann","request_id":"a/b"}',
    "key-empty": b'{"amount_ml":30,"user_token":"ann","request_id":""}',
    "key-number": b'{"amount_ml":30,"user_token":"ann","request_id":5}',
    "key-too-long": b'{"amount_ml":30,"user_token":"ann","request_id":"' + b"k" * 65 + b'"}',
    "tap-number": b'{"amount_ml":30,"user_token":"ann","tap":1}',
    "tap-empty": b'{"amount_ml":30,"user_token":"ann","tap":""}',
    "deep-nesting": b'{"amount_ml":30,"user_token":"ann","x":' + b"[" * 1800 + b"]" * 1800 + b"}",
    "utf-16": '{"amount_ml":30,"user_token":"ann"}'.encode("utf-16"),
    "bom": b'\xef\xbb\xbf{"amount_ml":30,"user_token":"ann"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused(target, body):
    _, server = target
    answer = server.client.raw(request_bytes("POST", "/api/dispense", b"", *lengths(body)) + body)
    refused(answer, 400)


def lengths(body, kind="application/json"):
    return f"Content-Type: {kind}", f"Content-Length: {len(body)}"


WISH = json.dumps({"amount_ml": 30, "user_token": "ann"}).encode()


def test_a_body_over_the_limit_is_413(target):
    _, server = target
    body = b'{"amount_ml":30,"user_token":"' + b" " * 4096 + b'"}'
    refused(server.client.raw(request_bytes("POST", "/api/dispense", body)), 413)
    promised = request_bytes("POST", "/api/dispense", b"", *lengths(b"x" * 10**9)[:1],
                             "Content-Length: 1000000000")
    refused(server.client.raw(promised), 413)
    chunked = request_bytes("POST", "/api/dispense", b"", "Content-Type: application/json",
                            "Transfer-Encoding: chunked") + b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    refused(server.client.raw(chunked), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_called_json_is_415(target, kind):
    # A page of another origin can send these without asking the browser's leave.
    _, server = target
    answer = server.client.raw(
        request_bytes("POST", "/api/dispense", b"", *lengths(WISH, kind)) + WISH)
    refused(answer, 415)


BAD_HEADS = {
    "not-http": (b"HELLO\r\n\r\n", {400}),
    "binary": (bytes(range(256)) + b"\r\n\r\n", {400}),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n", {400}),
    "http-2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "no-host": (b"GET /api/status HTTP/1.1\r\n\r\n", {400}),
    "two-lengths": (request_bytes("POST", "/api/dispense", b"", "Content-Type: application/json",
                                  "Content-Length: 35", "Content-Length: 36") + WISH, {400}),
    "length-and-chunked": (request_bytes(
        "POST", "/api/dispense", b"", "Content-Type: application/json", "Content-Length: 35",
        "Transfer-Encoding: chunked") + b"0\r\n\r\n", {400}),
    "negative-length": (request_bytes("POST", "/api/dispense", b"", "Content-Length: -1"), {400}),
    "length-not-a-number": (request_bytes("POST", "/api/dispense", b"", "Content-Length: 3x"),
                            {400}),
    "unknown-coding": (request_bytes("POST", "/api/dispense", b"", "Transfer-Encoding: gzip"),
                       {400, 501}),
    "a-list-of-lengths": (request_bytes("POST", "/api/dispense", b"", "Content-Length: 2, 2"),
                          {400}),
    "folded-length": (request_bytes("POST", "/api/dispense", b"", "Content-Length:\r\n 2"), {400}),
    "two-codings": (request_bytes("POST", "/api/dispense", b"", "Transfer-Encoding: gzip, chunked"),
                    {400, 501}),
    "coding-with-a-parameter": (request_bytes("POST", "/api/dispense", b"",
                                              "Transfer-Encoding: chunked;q=1"), {400, 501}),
    "two-keys": (request_bytes("POST", "/api/dispense", b"", "Idempotency-Key: a",
                               "Idempotency-Key: b"), {400}),
    "target-is-no-path": (request_bytes("GET", "x?u=://h/healthz"), {400}),
    "space-before-colon": (b"GET /api/status HTTP/1.1\r\nHost : x\r\n\r\n", {400}),
    "header-too-large": (request_bytes("GET", "/api/status", b"", "X-Long: " + "x" * 9000), {431}),
    "too-many-headers": (request_bytes("GET", "/api/status", b"",
                                       *(f"X-{i}: y" for i in range(200))), {431}),
    "target-too-long": (request_bytes("GET", "/" + "x" * 9000), {414, 431}),
}


@pytest.mark.parametrize("head, statuses", BAD_HEADS.values(), ids=BAD_HEADS)
def test_a_bad_head_is_refused(target, head, statuses):
    _, server = target
    refused(server.client.raw(head), *statuses)


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/api/nowhere", 404), ("POST", "/api/nowhere", 404), ("GET", "/api/dispense", 405),
    ("DELETE", "/api/status", 405), ("POST", "/api/logs", 405), ("PUT", "/api/dispense", 405),
    ("BREW", "/api/status", 405),
    ("GET", "/api/pours/" + "x" * 65, 400), ("GET", "/api/pours/a%2Fb", 400),
    ("GET", "/api/pours/%zz", 400),
])
def test_a_wrong_place_or_method_is_refused_in_json(target, method, path, status):
    _, server = target
    refused(server.client.raw(request_bytes(method, path)), status, 404)


@pytest.mark.parametrize("path", [
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%252e%252e/secret.txt",
    "/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/assets/../../../../etc/passwd", "/..\\..\\etc\\passwd", "//etc/passwd", "/%00",
    "/index.html%00",
])
def test_no_file_outside_the_page_is_served(target, path):
    _, server = target
    answer = server.client.raw(request_bytes("GET", path))
    assert b"root:" not in answer.body and SECRET.encode() not in answer.body
    assert answer.status in {200, 400, 404}, answer  # 200: the page itself, for a path of its own


def test_a_slow_loris_is_let_go(target):
    _, server = target
    begun = [b"GET /api/status HTTP/1.1\r\nHost: x\r\nX-Slow: ",
             request_bytes("POST", "/api/dispense", b"", *lengths(WISH)) + WISH[:5]]
    connections = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in begun]
    for connection, beginning in zip(connections, begun):
        connection.sendall(beginning)
    for connection in connections:
        with connection:
            said = read_to_end(connection)  # returns only because the server ends it
            assert said.startswith(b"HTTP/1.1 408"), said[:100]


def test_many_idle_connections_do_not_keep_others_out(target):
    _, server = target
    idle = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(200)]
    try:
        assert server.client.get("/api/status").status == 200
    finally:
        for connection in idle:
            connection.close()


@pytest.mark.parametrize("cut", range(0, len(request_bytes("POST", "/api/dispense", WISH)), 13))
def test_a_client_that_leaves_in_mid_request_orders_nothing(target, cut):
    _, server = target
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(request_bytes("POST", "/api/dispense", WISH)[:cut])
