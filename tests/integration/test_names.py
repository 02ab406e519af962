"""A device behind a name: found again when the name leads elsewhere; and a name that does not
resolve holds up nobody.
"""

import os
import subprocess

import pytest


def test_a_name_that_does_not_exist_holds_up_nobody(party):
    good = party.device()
    server = party.server({"lost": "http://no-such-machine.invalid", "main": good})
    client = server.client
    client.wait_until_ready("main")
    assert client.dispense(2, tap="lost").json["code"] == "offline"
    assert client.dispense(2, tap="main", key="wish-1").status == 200
    assert client.wait_until_final("wish-1")["state"] == "done"
    assert server.stop(seconds=3) == 0, "the resolver may not delay the end"


@pytest.fixture
def hosts(tmp_path):
    """A hosts file of the server's own: (the file, the command that shows it to a program)."""
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 localhost\n")
    wrap = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"',
            str(file)]
    if os.geteuid() != 0 or subprocess.run([*wrap, "true"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("giving a program its own hosts file needs root")
    return file, wrap


def test_a_device_that_comes_back_at_another_address_is_found_again(party, hosts):
    file, wrap = hosts
    file.write_text("127.0.0.2 barbot.test\n")
    before = party.device(host="127.0.0.2")
    server = party.server({"main": f"http://barbot.test:{before.port}"}, wrapped_in=wrap)
    server.client.wait_until_ready()
    before.close()
    server.client.wait_for_tap(lambda tap: not tap["online"])
    after = party.device(host="127.0.0.3", port=before.port)
    file.write_text("127.0.0.3 barbot.test\n")
    server.client.wait_until_ready()
    assert server.client.dispense(2, key="wish-1").status == 200
    assert after.poured == ["wish-1"] and before.orders == []
