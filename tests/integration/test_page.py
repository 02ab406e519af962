"""The built page as a browser fetches it: every file by its right name, the page itself under the
addresses it routes by, and never in the place of an answer of the API.
"""

import pytest

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = b"<!doctype html><title>The page</title>"

FILES = {
    "manifest.webmanifest": "application/manifest+json",
    "favicon.svg": "image/svg+xml",
    "icons/icon-192.png": "image/png",
    "assets/inter-3KfDFnCH.woff2": "font/woff2",
    "assets/reader-3KfDFnCH.wasm": "application/wasm",
    "assets/index-3KfDFnCH.js": "text/javascript",
}


@pytest.fixture
def client(party):
    page = party.folder / "www"
    for name in FILES:
        (page / name).parent.mkdir(parents=True, exist_ok=True)
        (page / name).write_bytes(b"plain " + name.encode())
    (page / "index.html").write_bytes(PAGE)
    for coding in ("br", "gz"):
        (page / f"assets/reader-3KfDFnCH.wasm.{coding}").write_bytes(coding.encode())
    return party.server(party.device(), "--web-root", page).client


def test_every_file_has_its_type(client):
    for name, kind in FILES.items():
        answer = client.get("/" + name)
        assert answer.status == 200 and answer.body == b"plain " + name.encode()
        assert answer.headers["Content-Type"].partition(";")[0] == kind
        kept = "immutable" in answer.headers["Cache-Control"]
        assert kept == name.startswith("assets/"), answer.headers


def test_wasm_travels_compressed_and_stays_wasm(client):
    for accepted, body in (("gzip, deflate, br", b"br"), ("gzip", b"gz")):
        answer = client.request("GET", "/assets/reader-3KfDFnCH.wasm",
                                headers={"Accept-Encoding": accepted})
        assert answer.body == body and answer.headers["Content-Type"] == "application/wasm"
        assert answer.headers["Content-Encoding"] == {b"br": "br", b"gz": "gzip"}[body]
        assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/tap/left", "/b/04A2247C9F6180", "/b/Zo%C3%AB%20Z", "/host",
                                  "/wall", "/host/log?since=1", "/b/50%", "/b/%zz"])
def test_the_page_is_under_the_addresses_it_routes_by(client, path):
    answer = client.request("GET", path, headers=HTML)
    assert answer.status == 200 and answer.body == PAGE
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


PAGES = ["/", "/host", "/host/log", "/wall", "/tap/left", "/b/Ada", "/B/ADA"]


@pytest.mark.parametrize("fields", [{}, {"Accept": "*/*"}], ids=["nothing", "anything"])
@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_there_for_whoever_does_not_say_what_to_take(client, path, fields):
    answer = client.request("GET", path, headers=fields)
    assert answer.status == 200 and answer.body == PAGE


def test_head_is_get_without_the_body_everywhere(client):
    """What `curl -I` says of a page, a file and an endpoint is what a visitor would get."""
    document = client.get("/api/openapi.json").json
    endpoints = [path.replace("{tap}", "main").replace("{request_id}", "nobody")
                 for path, item in document["paths"].items() if "get" in item]
    assert len(endpoints) > 8 and "/api/events" in endpoints
    for path in [*PAGES, *("/" + name for name in FILES), *endpoints, "/nowhere", "/api/nowhere"]:
        head = client.request("HEAD", path, headers={"Accept": "*/*", "Connection": "close"})
        assert head.body == b"", path
        if path == "/api/events":  # its body has no end
            assert head.status == 200 and head.headers["Content-Type"] == "text/event-stream"
            continue
        get = client.request("GET", path, headers={"Accept": "*/*", "Connection": "close"})
        assert head.status == get.status, path
        for name in set(head.headers) | set(get.headers):
            changes = name == "Date" or path == "/metrics" and name == "Content-Length"
            assert changes or head.headers[name] == get.headers[name], (path, name)


@pytest.mark.parametrize("path", ["/api/nonsense", "/api", "/api/", "/api/taps/left"])
def test_an_unknown_endpoint_is_no_page(client, path):
    answer = client.request("GET", path, headers=HTML)
    assert answer.status == 404 and answer.json["code"] == "not_found"
    assert answer.headers["Content-Type"] == "application/json"


def test_a_missing_file_is_no_page(client):
    assert client.get("/assets/gone-3KfDFnCH.js").status == 404
