"""What the documents tell people to run, run: briefly, and with something to show for it."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request

import house
import pytest
from commands import Serving, dev

sys.path[:0] = [str(house.ROOT / "tests" / room) for room in ("campaign", "integration")]
import client  # noqa: E402
import long  # noqa: E402

ANSWER_SECONDS_MAX = 60


def fetch(url):
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX) as answer:
        return answer.read().decode()


def guest_of(url):
    return client.Client(int(url.rpartition(":")[2]))


def numbers_of(table_row, said):
    """The cells of a row of a Markdown table, as numbers where they are."""
    row = re.search(rf"^\| {re.escape(table_row)}[^|]*\|(.*)\|$", said, re.M)
    assert row, f"no row {table_row} in:\n{said}"
    return [float(number.replace(",", "")) for number in re.findall(r"[\d,]+\.?\d*", row.group(1))]


# The programs.

def test_run_serves_the_page_and_a_pour_and_ends_in_good_order(tmp_path):
    with Serving(["./dev", "run", "--port", "0", "--database", tmp_path / "log.db"]) as party:
        url = party.said(r"The page: (http://localhost:\d+)")
        lift = party.said(r"lift the glass: (curl .*)\)$")
        assert "<title>" in fetch(url)
        guest = guest_of(url)
        guest.wait_until_ready("left")
        assert guest.dispense(15, tap="left", key="first").json["success"]
        assert guest.wait_until_final("first")
        assert subprocess.run(shlex.split(f"{lift} --silent --fail"), check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip() == '{"ok":true}'
        _, code = party.interrupt()
        assert code == 130


def test_run_serves_the_machine_that_it_is_told(tmp_path):
    machine = house.ROOT / "build/release/bin/pourtocol-dispenser"
    with Serving([machine, "--port", "0"]) as dispenser:
        at = dispenser.said(r"ready on (http://\S+)")
        with Serving(["./dev", "run", "--port", "0", "--database", tmp_path / "log.db",
                      "--tap", f"main={at}"]) as party:
            url = party.said(r"The page: (http://localhost:\d+)")
            guest_of(url).wait_until_ready("main")
            party.interrupt()


def test_what_the_simulator_s_readme_plays_with():
    """Each line of its section Playing, at ports of our own."""
    readme = (house.ROOT / "firmware/simulator/README.md").read_text()
    playing = readme.partition("## Playing\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^    (curl .*?)(?: +#.*)?$", playing, re.M)
    assert len(lines) >= 4
    machine = house.ROOT / "build/release/bin/pourtocol-dispenser"
    with Serving([machine, "--port", "0", "--control-port", "0"]) as dispenser:
        ports = {}
        while len(ports) < 2:
            what = dispenser.said(r"((?:control|ready) on http://\S+)")
            ports[what.split()[0]] = what.rpartition(":")[2]
        wait_until_it_takes_orders(f"http://127.0.0.1:{ports['ready']}")
        for line in lines:
            command = shlex.split(line.replace("localhost:8080", f"127.0.0.1:{ports['ready']}")
                                  .replace("localhost:8090", f"127.0.0.1:{ports['control']}"))
            said = subprocess.run([*command, "--silent", "--show-error", "--fail"], text=True,
                                  stdout=subprocess.PIPE, check=True).stdout
            assert json.loads(said), line


def wait_until_it_takes_orders(machine):
    said = {"version": 0}
    while not said.get("glass_present"):
        said = json.loads(fetch(f"{machine}/status?after={said['version']}&wait_ms=1000"))


def test_sim_tells_the_same_story_of_the_same_seed():
    first, again = (re.search(r"^seed 7: .*?; ", dev("sim", "--seed", 7, "--pours", 50), re.M)
                    for _ in range(2))
    assert first.group() == again.group()


# The benches.

def test_bench_measures_everything_beside_the_others():
    said = dev("bench", "status", "logs", "dispense", "memory", "commits", "--short")
    for name in ("status", "logs", "dispense, version 1", "dispense"):
        ours, nginx, flask, *_ = numbers_of(f"{name}, requests/s", said)
        assert min(ours, nginx, flask) > 0
        assert all(p99_ms > 0 for p99_ms in numbers_of(f"{name}, p99 ms", said))
    for name in ("dispense, version 1", "dispense"):
        assert numbers_of(f"{name}, from press to machine at 500/s, p99 ms", said)[0] > 0
        assert min(numbers_of(f"{name}, processor's time for each, µs", said)) > 0
    assert numbers_of("memory at rest", said)[-1] > 0
    assert re.search(r"[1-9]\d* single commits/s", said.replace(",", ""))


def test_bench_measures_another_build_in_the_same_rounds():
    other = house.ROOT / "build/release/bin/pourtocol"
    said = dev("bench", "status", "memory", "--short", "--before", other)
    *_, before, _, _, beside_it = numbers_of("status, requests/s", said)
    assert before > 0 and beside_it > 0
    assert len(numbers_of("memory at rest", said)) == 3  # ours, the other's, and how they compare


def test_bench_page_measures_every_view():
    said = dev("bench", "page", "--short")
    for view in ("guest", "host", "wall"):
        assert min(numbers_of(f"started to shown, {view}", said)) > 0
        assert min(numbers_of(f"lifted to shown, {view}", said)) > 0


def test_bench_lighthouse_judges_the_guest_s_page():
    said = dev("bench", "lighthouse", "--short")
    assert min(numbers_of("/", said)[:3]) > 0


@pytest.mark.parametrize("options", [[], ["--full-power"]], ids=["as it is", "full power"])
def test_bench_accuracy_measures_every_kind_of_machine(options):
    said = dev("bench", "accuracy", "--short", "--seed", 1, *options)
    for measure in ("timed", "metered"):
        assert numbers_of(f"**{measure}**", said)[0] > 0
    assert said.count("peristaltic") == 2


def test_bench_accuracy_publishes_its_page_and_plot(tmp_path):
    shutil.copy(house.ROOT / "docs" / "accuracy.md", tmp_path)
    (tmp_path / "images").mkdir()
    dev("bench", "accuracy", "--short", "--publish", "--docs", tmp_path)
    assert "6 machines, 3 pours each" in (tmp_path / "accuracy.md").read_text()
    assert "<svg" in (tmp_path / "images" / "accuracy.svg").read_text()


# What shows whether the tests are any good.

def test_the_unit_tests_of_one_room_are_built_and_run_alone():
    said = dev("test", "unit", "core")
    assert "100% tests passed, 0 tests failed out of " in said
    rooms = set(re.findall(r"^ *\d+/\d+ Test +#\d+: (\w+)[.]", said, re.M))
    assert rooms == {"core_test"}


def test_a_room_that_is_none_is_refused():
    assert "test knows no stage 'cellar'" in dev("test", "unit", "cellar", code=1)


def test_campaign_runs_a_part_and_writes_its_report(tmp_path, monkeypatch):
    said = dev("campaign", "--minutes", 0.2, "swarm")
    assert "no promise was broken" in said
    page = tmp_path / "reliability.md"
    page.write_text(f"What a person wrote.\n{long.MARK}\nold figures")
    monkeypatch.setattr(long, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["long.py", "--only-report", "--publish"])
    with pytest.raises(SystemExit) as ended:
        long.main()
    assert ended.value.code == 0
    text = page.read_text()
    assert text.startswith("What a person wrote.\n") and "old figures" not in text
    assert int(re.search(r"pours ([\d,]+)", text).group(1).replace(",", "")) > 0


def test_coverage_counts_what_the_tests_of_a_room_take():
    said = dev("coverage", "--room", "protocol")
    assert re.search(r"^protocol +[1-9]\d* of +[1-9]\d* ways", said, re.M)


def test_a_mutant_is_planted_and_noticed():
    said = dev("mutants", "--only", "a held stop button does not refuse an order")
    assert "1 of 1" in said


def test_the_fuzzer_tries_inputs_at_every_target():
    said = dev("fuzz", 1)
    assert len(re.findall(r"_fuzz: Done [1-9]", said)) == 8
    assert len(re.findall(r"_fuzz +[1-9][\d,]* executions$", said, re.M)) == 8
    assert re.search(r"^in all +[1-9][\d,]* executions$", said, re.M)


# The page.

def test_page_dev_serves_the_page_as_it_is_written():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with Serving(["./dev", "page", "dev", "--host", "127.0.0.1", "--port", port,
                  "--strictPort"]) as vite:
        url = vite.said(r"Local:\s+(http://\S+?)/?\s*$")
        assert "/src/main.tsx" in fetch(url)
        assert "createRoot" in fetch(f"{url}/src/main.tsx")
        vite.interrupt()


def test_page_screenshots_takes_every_view():
    folder = house.ROOT / "build" / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    dev("page", "screenshots", "--grep", "360x640 dark")
    pictures = {picture.name.split("-")[0]: picture for picture in folder.iterdir()}
    assert set(pictures) == {"guest", "host", "log", "wall"}
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in folder.iterdir())
