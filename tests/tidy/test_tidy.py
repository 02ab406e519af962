"""The house is tidy, and the check that says so can say no."""

import house
import pytest
import tidy


def test_the_house_is_tidy():
    found = list(tidy.violations(house.ROOT))
    assert not found, "\n" + "\n".join(found)


def found_in(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return list(tidy.violations(tmp_path))


@pytest.mark.parametrize("name, text, complaint", [
    ("core/long.cpp", "int x;\n" * 701, "701 lines"),
    ("core/wide.cpp", "// " + "x" * 98 + "\n", "101 columns"),
    ("frontend/src/wide.tsx", "x" * 101 + "\n", "101 columns"),
    ("core/late.cpp", "// TO" "DO: later\n", "unfinished"),
    ("scripts/late.sh", "# FIX" "ME\n", "unfinished"),
    ("core/bare.hpp", "// What it is.\nint x;\n", "#pragma once"),
    ("core/mute.hpp", "#pragma once\nint x;\n", "opens with a comment"),
    ("core/tests/slow_test.cpp", "std::this_thread::sleep_" "for(1s);\n", "does not sleep"),
    ("tests/slow.py", "time.sle" "ep(1)\n", "does not sleep"),
    ("frontend/e2e/slow.ts", "await page.waitFor" "Timeout(50);\n", "does not sleep"),
    ("dev", "#!/usr/bin/env bash\necho hello\n", "set -euo pipefail"),
    ("frontend/package-lock.json", '{"resolved": "https://example.org/x.tgz"}', "address"),
    ("frontend/.npmrc", "registry=https://example.org/", "address"),
    ("firmware/esp32/main/feed.cpp",
     "void f() {\n  httpd_req_async_handler_complete(r);\n  shutdown(fd, SHUT_RDWR);\n}\n",
     "given back"),
    ("firmware/esp32/main/feed.cpp",
     "void f() {\n  (void)httpd_req_async_handler_complete(r);\n  if (x) {\n    close(fd);\n  }\n}\n",
     "given back"),
    ("firmware/esp32/main/feed.cpp", "void f() {\n  httpd_sess_trigger_close(s, fd);\n}\n",
     "while it is ours"),
    ("docs/order.md", "    curl localhost:8080/dispense -d '{}'\n", "sends a form"),
    ("docs/order.md", "    curl -d '{}' http://esp32.local/calibration\n", "sends a form"),
])
def test_untidiness_is_found(tmp_path, name, text, complaint):
    found = found_in(tmp_path, name, text)
    assert len(found) == 1 and found[0].startswith(name) and complaint in found[0], found


@pytest.mark.parametrize("name, text", [
    ("core/fine.hpp", "// What it is.\n#pragma once\n" + "int x;\n" * 698),
    ("core/fine.cpp", "// " + "x" * 97 + "\n"),
    ("docs/long.md", "words " * 100),
    ("backend/app/retry.cpp", "std::this_thread::sleep_" "for(1s);\n"),
    ("frontend/package-lock.json", '{"integrity": "sha512-"}'),
    ("firmware/esp32/main/feed.cpp",
     "void f() {\n  shutdown(fd, SHUT_RDWR);\n  httpd_req_async_handler_complete(r);\n}\n"
     "void g() {\n  close(other);\n}\n"),
    ("docs/order.md", "    curl localhost:8080/dispense --json '{}'\n"),
    ("docs/stop.md", "    curl -d '{}' localhost:8080/stop\n"),
    ("frontend/.npmrc", "omit-lockfile-registry-resolved=true\n"),
])
def test_what_is_tidy_passes(tmp_path, name, text):
    assert found_in(tmp_path, name, text) == []
