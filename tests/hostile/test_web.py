"""What a web page of somebody else, or a name a guest gives himself, could do to the bar.

docs/security.md names these tests beside the threats they are about.
"""

import contextlib
import csv
import http.client
import io
import json
import socket

import pytest

WISH = {"amount_ml": 2, "user_token": "ann"}
CHANGING = {
    "/api/dispense": WISH,
    "/api/stop": {},
    "/api/resume": {},
    "/api/taps/main/service": {"kind": "prime", "user_token": "host", "amount_ml": 5},
    "/api/taps/main/calibration": {"action": "new_bottle", "user_token": "host"},
}
LOOKING = ["/", "/api/status", "/api/logs", "/api/logs?format=csv", "/api/totals", "/api/why",
           "/api/openapi.json", "/healthz", "/metrics", "/assets/index-3KfDFnCH.js"]


@pytest.fixture(scope="module")
def server(bar):
    return bar.open("--allowed-host", "bar.example", "--public-url", "https://party.example")


def ask(server, method, path, body=None, **headers):
    """One request with just these headers; what was answered, and its headers in lower case."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        text = None if body is None else json.dumps(body).encode()
        if text is not None:
            headers = {"Content-Type": "application/json", "Content-Length": len(text), **headers}
        for name, value in headers.items():
            connection.putheader(name, str(value))
        connection.endheaders(text)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        streamed = fields["content-type"] == "text/event-stream"
        return response.status, fields, b"" if streamed else response.read()
    finally:
        connection.close()


def rows(server):
    return len(server.client.log("?limit=1000"))


@pytest.mark.parametrize("path", LOOKING)
def test_a_name_pointed_at_us_from_outside_is_not_answered(server, path):
    for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example"):
        status, fields, body = ask(server, "GET", path, Host=host, Accept="text/html")
        assert status == 421 and fields["content-type"] == "application/json"
        said = json.loads(body)
        assert said["code"] == "unknown_host" and "allowed_hosts" in said["reason"]


def test_a_page_under_a_name_pointed_at_us_orders_nothing(server):
    before = rows(server)
    for path, body in CHANGING.items():
        # To the browser this is the page's own origin: only the name gives it away.
        status, _, _ = ask(server, "POST", path, body, Host=f"evil.example:{server.port}",
                           Origin=f"http://evil.example:{server.port}")
        assert status == 421
    assert rows(server) == before


def test_every_name_a_phone_knows_us_under_is_answered(server):
    own = socket.gethostname()
    for host in ("127.0.0.1", "192.168.1.20", "[fe80::1]", "localhost", "pourtocol.local", own,
                 own.upper(), "bar.example", "party.example"):
        for port in ("", f":{server.port}", ":80"):
            status, _, _ = ask(server, "GET", "/api/status", Host=host + port)
            assert status == 200, host + port


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://127.0.0.1"},
    {"Origin": "http://127.0.0.1:1"}, {"Sec_Fetch_Site": "cross-site"},
    {"Origin": "http://evil.example", "X_Forwarded_Host": "evil.example",
     "X_Forwarded_For": "127.0.0.1", "Forwarded": "host=evil.example"},
], ids=lambda headers: "-".join(headers.values()))
def test_a_page_of_another_origin_changes_nothing(server, path, headers):
    before = rows(server)
    status, _, body = ask(server, "POST", path, CHANGING[path], **headers)
    assert status == 403 and json.loads(body)["code"] == "foreign_origin"
    assert rows(server) == before
    assert not server.client.tap()["stopped"]


def test_a_form_of_another_page_changes_nothing(server):
    # A form needs no leave of the browser, but cannot say that it is JSON.
    before = rows(server)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, _, _ = ask(server, "POST", "/api/dispense", WISH, Content_Type=kind)
        assert status == 415
    assert rows(server) == before


def test_the_form_for_stop_is_taken_from_our_own_page_only(server):
    kind = "application/x-www-form-urlencoded"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                    {"Sec_Fetch_Site": "cross-site"}, {"Host": "evil.example"}):
        status, fields, body = ask(server, "POST", "/stop", Content_Type=kind, **headers)
        assert status in (403, 421), headers
        assert fields["content-type"].startswith("text/html")
        assert b"The stop was not taken." in body
    assert not server.client.tap()["stopped"]
    own = f"http://127.0.0.1:{server.port}"
    status, _, body = ask(server, "POST", "/stop", Content_Type=kind, Origin=own)
    assert (status, b"Every tap is stopped." in body) == (200, True)
    stop = server.client.tap()["stop_id"]
    assert ask(server, "POST", "/api/resume", {"stop": stop})[0] == 200


def test_our_own_page_and_programs_may_do_all(server):
    own = f"http://127.0.0.1:{server.port}"
    for headers in ({"Origin": own, "Sec_Fetch_Site": "same-origin"}, {},
                    {"Origin": "https://party.example"}):
        assert ask(server, "POST", "/api/stop", {}, **headers)[0] == 200, headers
        stop = {"stop": server.client.tap()["stop_id"]}
        assert ask(server, "POST", "/api/resume", stop, **headers)[0] == 200, headers


def test_no_page_is_given_leave_to_read_or_ask(server):
    for path in [*LOOKING, *CHANGING, "/api/events", "/nowhere"]:
        for method in ("GET", "OPTIONS", "POST"):
            _, fields, _ = ask(server, method, path, Origin="http://evil.example",
                               Access_Control_Request_Method="POST",
                               Access_Control_Request_Headers="content-type")
            assert not [name for name in fields if name.startswith("access-control")]


def test_nothing_is_left_to_be_guessed_by_a_browser(server):
    for path in [*LOOKING, "/api/nowhere", "/nowhere.js", "/api/pours/%zz", "/api/dispense",
                 "/api/events"]:
        _, fields, _ = ask(server, "GET", path)
        assert fields["x-content-type-options"] == "nosniff", path
        assert fields["cross-origin-resource-policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in fields["content-security-policy"], path
        # No other server is told our addresses; our own form needs its origin with its post.
        assert fields["referrer-policy"] in ("no-referrer", "same-origin"), path
        assert "server" not in fields, path
    for nonsense in (b"HELLO\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        answer = server.client.raw(nonsense)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert headers["x-content-type-options"] == "nosniff", nonsense


def test_the_page_may_run_our_own_files_only(server):
    _, fields, _ = ask(server, "GET", "/")
    policy = dict(rule.strip().split(" ", 1) for rule in
                  fields["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert fields["cross-origin-opener-policy"] == "same-origin"
    assert "camera=(self)" in fields["permissions-policy"]


def test_a_forwarded_address_is_nobodys(bar):
    server = bar.open(settings="[limits]\norders_burst = 2\norders_per_second = 0.01\n")
    wish = {"amount_ml": 999, "user_token": "ann"}  # refused, but counted
    answers = [ask(server, "POST", "/api/dispense", wish, X_Forwarded_For=f"10.0.0.{i}",
                   X_Real_IP=f"10.0.0.{i}", Forwarded=f"for=10.0.0.{i}")[0] for i in range(4)]
    assert answers == [400, 400, 429, 429]


def test_a_stop_gets_in_though_all_connections_are_taken(bar):
    server = bar.open(settings="[limits]\nconnections = 16\n")
    with contextlib.ExitStack() as held:
        for number in range(40):
            taken = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            if number % 2:
                taken.sendall(b"POST /api/stop HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert ask(server, "POST", "/api/stop", {})[0] == 200
        assert ask(server, "GET", "/healthz")[0] == 200
    assert b"pourtocol_http_made_room_total 2" in ask(server, "GET", "/metrics")[2]


HOSTILE_NAMES = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=1>",
                 "=HYPERLINK(\"http://evil.example\";\"x\")", "+1+1|cmd", "@SUM(A1)", "-2+3",
                 "a;=1+1", "  =1", "＝1+1", "</script><script>", "javascript:alert(1)",
                 "ann\u2028data: x", "${7*7}{{7*7}}", "'; DROP TABLE events; --"]


@pytest.fixture(scope="module")
def named(server):
    """A log in which every hostile name has a row: an amount nobody may have is refused."""
    for name in HOSTILE_NAMES:
        assert server.client.dispense(999, name, key=None).status == 400
    return server


def test_a_name_stays_a_text_in_json(named):
    status, fields, body = ask(named, "GET", "/api/logs?limit=1000")
    assert status == 200 and fields["content-type"] == "application/json"
    names = [row["user_token"] for row in json.loads(body)]
    assert set(HOSTILE_NAMES) <= set(names)


def test_a_name_is_no_formula_in_the_export(named):
    _, fields, body = ask(named, "GET", "/api/logs?format=csv")
    assert fields["content-disposition"].startswith("attachment")
    table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    names = {row["user_token"].replace("'", "") for row in table}
    assert {name.replace("'", "") for name in HOSTILE_NAMES} <= names
    cells = [cell for row in table for text in row.values() for cell in text.split(";")]
    assert not [cell for cell in cells if cell.lstrip(' "')[:1] in tuple("=+-@＝＋－＠")
                and cell.strip() and not cell.lstrip("-").replace(".", "").isdigit()]


def test_a_name_is_one_line_of_the_live_stream(named):
    with named.client.live() as stream:
        for name in HOSTILE_NAMES:
            named.client.dispense(998, name)
            row = stream.wait_for(
                lambda event: event.data["row"] if event.name == "log" else None, 20)
            assert row["user_token"] == name
