"""The command line, the configuration file and the environment: complete help, and refusals that
name what is wrong.
"""

import socket

import pytest
from client import Client
from processes import BIN, Program, clean_environment, run

OPTIONS = ["--config", "--host", "--port", "--database", "--tap", "--drink", "--status-timeout",
           "--dispense-timeout", "--web-root", "--public-url"]
VARIABLES = ["HOST", "PORT", "DATABASE_PATH", "PUBLIC_URL", "ESP32_URL", "ESP32_STATUS_TIMEOUT",
             "ESP32_DISPENSE_TIMEOUT"]


def test_help_is_complete():
    code, said = run("--help")
    assert code == 0 and all(word in said for word in ("serve", "backup", "restore", "check")), said
    code, said = run("serve", "--help")
    assert code == 0
    assert [word for word in OPTIONS + VARIABLES if word not in said] == []
    for command in ("backup", "restore", "check", "key"):
        code, said = run(command, "--help")
        assert code == 0 and "--database" in said


@pytest.mark.parametrize("words, named", [
    (["serve", "--prot", "1"], "--prot"),
    (["server"], "server"),
    (["serve", "--port", "abc"], "abc"),
    (["serve", "--port", "70000"], "70000"),
    (["serve", "--port", "-1"], "-1"),
    (["serve", "--tap", "main"], "main"),
    (["serve", "--tap", "main=ftp://x"], "ftp://x"),
    (["serve", "--tap", "main=http://"], "http://"),
    (["serve", "--tap", "main=http://::1:5000"], "brackets: http://[::1]:5000"),
    (["serve", "--tap", "bad name=http://x"], "bad name"),
    (["serve", "--tap", "a=http://x", "--tap", "a=http://y"], "a"),
    (["serve", "--drink", "main"], "drink"),
    (["serve", "--drink", "main="], "drink"),
    (["serve", "--drink", "cellar=Wine"], "cellar"),
    (["serve", "--public-url", "bar.example"], "public-url"),
    (["serve", "--public-url", "http://bar.example/page"], "public-url"),
    (["serve", "--host", "nowhere at all"], "--host"),
    (["serve", "--host", "203.0.113.7"], "--host"),
    (["serve", "--status-timeout", "0"], "status-timeout"),
    (["serve", "--status-timeout", "nan"], "status-timeout"),
    (["serve", "--dispense-timeout", "-2"], "dispense-timeout"),
    (["serve", "--config", "/no/such/file.toml"], "/no/such/file.toml"),
    (["serve", "--database", "/no/such/folder/p.db"], "/no/such/folder/p.db"),
    (["serve", "--web-root", "/no/such/page"], "/no/such/page"),
    (["backup"], "file"),
    (["restore"], "file"),
    (["restore", "/no/such/backup.db"], "/no/such/backup.db"),
    (["check", "--database", "/no/such/p.db"], "/no/such/p.db"),
], ids=lambda words: " ".join(words) if isinstance(words, list) else "")
def test_a_bad_option_is_refused_by_name(words, named, tmp_path):
    code, said = run(*words, cwd=tmp_path)
    assert code != 0 and named in said, said
    assert ".." not in said, "one full stop ends a sentence: " + said
    assert "terminate called" not in said and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words, variables", [
    (["--host", "nowhere at all"], {}), ([], {"HOST": "nowhere at all"})],
    ids=["option", "variable"])
def test_an_address_it_cannot_listen_on_is_named(words, variables, tmp_path):
    code, said = run("serve", *words, cwd=tmp_path, environment=clean_environment(**variables))
    assert code != 0 and "nowhere at all" in said and "--host" in said, said
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_leaves_no_database_behind(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, said = run("serve", "--host", "127.0.0.1", "--port", port, cwd=tmp_path)
    assert code != 0 and port in said and "--port" in said, said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, value", [
    ("PUBLIC_URL", "bar.example"), ("PORT", "abc"), ("PORT", "99999"), ("ESP32_URL", "ftp://x"),
    ("ESP32_STATUS_TIMEOUT", "soon"), ("ESP32_DISPENSE_TIMEOUT", "-1")])
def test_a_bad_variable_is_refused_by_name(name, value, tmp_path):
    code, said = run("serve", cwd=tmp_path, environment=clean_environment(**{name: value}))
    assert code != 0 and name in said, said


@pytest.mark.parametrize("text, named", [
    ("port = 'abc'", "port"),
    ("port = 70000", "port"),
    ("colour = 'red'", "colour"),
    ("port = ", "line 1"),
    ("public_url = 'bar'", "public_url"),
    ("[[taps]]\nname = 'bar'", "url"),
    ("[[taps]]\nname = 'bar'\nurl = 'http://x'\ndrink = ''", "drink"),
    ("[[taps]]\nname = 'bar'\nurl = 'ftp://x'", "ftp://x"),
    ("[[taps]]\nname = 'bar'\nurl = 'http://x'\ncolour = 'red'", "colour"),
], ids=["type", "range", "unknown-key", "syntax", "public-url", "tap-without-url", "drink",
                       "bad-url", "unknown-tap-key"])
def test_a_bad_configuration_is_refused_by_name(text, named, tmp_path):
    file = tmp_path / "bar.toml"
    file.write_text(text + "\n")
    code, said = run("serve", "--config", file, cwd=tmp_path)
    assert code != 0 and named in said and "bar.toml" in said, said


def test_the_environment_overrides_the_file_and_options_override_both(party, tmp_path):
    of_file, of_environment, of_option = (party.ports.draw() for _ in range(3))
    file = tmp_path / "bar.toml"
    file.write_text(f"""
        host = "127.0.0.1"
        port = {of_file}
        database = "{tmp_path}/bar.db"
        [[taps]]
        name = "bar"
        url = "http://127.0.0.1:9"
    """)
    command = [BIN / "pourtocol", "serve", "--config", file]
    environment = clean_environment(PORT=str(of_environment))
    for more, port in (((), of_environment), (("--port", of_option), of_option)):
        server = Program([*command, *more], environment, cwd=tmp_path)
        assert server.port == port
        assert server.stop() == 0
        server.close()
    server = Program(command, cwd=tmp_path)
    assert server.port == of_file
    server.close()


def test_the_seeds_variable_still_names_the_one_tap(party):
    good = party.device()
    server = Program(
        [BIN / "pourtocol", "serve", "--host", "127.0.0.1", "--port", "0"],
        clean_environment(ESP32_URL=good.url, DATABASE_PATH=str(party.database)))
    party.servers.append(server)
    client = Client(server.port)
    client.wait_until_ready("main")
    assert client.dispense(2, key="wish-1").status == 200
