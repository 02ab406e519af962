"""Each command that a document tells people to run is run by something, so that none rots unseen.

The table says where. A command that is new in a document fails here until it has a short form; an
entry that no document needs any more, or that points at nothing, fails as well.
"""

import re

import house

HERE = "tests/commands/test_short_forms.py"
STAGES = "scripts/stages.sh"
MAKER = "needs a board and ESP-IDF, which no test machine has"

# command: (the file that runs it, what stands there).
RUN_BY = {
    "./dev run": (HERE, "def test_run_serves_the_page"),
    "./dev test": (".ci/run", "./dev test"),
    "./dev build": (HERE, '"bench", "status"'),  # every command begins with it
    "./dev sim": (HERE, "def test_sim_tells"),
    "./dev campaign": (HERE, "def test_campaign_runs_a_part"),
    "./dev bench": (HERE, "def test_bench_measures_everything"),
    "./dev bench accuracy": (HERE, "def test_bench_accuracy_measures"),
    "./dev bench page": (HERE, "def test_bench_page_measures"),
    "./dev bench lighthouse": (HERE, "def test_bench_lighthouse_judges"),
    "./dev page dev": (HERE, "def test_page_dev_serves"),
    "./dev page screenshots": (HERE, "def test_page_screenshots_takes"),
    "./dev fuzz": (HERE, "def test_the_fuzzer_tries"),
    "./dev mutants": (HERE, "def test_a_mutant_is_planted"),
    "./dev coverage": (HERE, "def test_coverage_counts"),
    "./dev check": (STAGES, "stage_checks() {"),
    "./dev format": (STAGES, "clang-format --dry-run"),
    "npm run build": ("scripts/page.sh", "npm --prefix frontend run build"),
    "npm run budget": (STAGES, "npm --prefix frontend run budget"),
    "tests/planted/planted.py": (STAGES, "tests/planted/planted.py --short"),
    "tests/coverage/coverage.py": ("dev", "tests/coverage/coverage.py"),
    "tests/campaign/party.py": (STAGES, "tests/campaign/party.py --minutes"),
    "tests/campaign/million.py": (STAGES, "tests/campaign/million.py --rows"),
    "tests/campaign/campaign.py": (STAGES, "-n 2 tests/campaign"),
    "tests/hostile/hostile.py": (STAGES, "pytest tests/hostile"),
    "pourtocol-sim": (STAGES, "pourtocol-sim --swarm"),
    "pourtocol-dispenser": (HERE, "def test_what_the_simulator_s_readme"),
    "curl localhost": (HERE, "def test_what_the_simulator_s_readme"),
    "ctest": (STAGES, "ctest --test-dir"),
    "idf.py": ("docs/hardware.md", "idf.py build"),
    "update.py": ("tests/scripts/test_firmware.py", "update.py"),
}
# Where the command itself stands is all that can be shown.
NOT_TO_BE_HAD = {"idf.py": MAKER}

WITH_NAMES = {"bench": ("accuracy", "page", "lighthouse"), "page": ("dev", "screenshots")}


def commands_in(text):
    for command, name in re.findall(r"(?<![\w/])\./dev ([a-z]+)(?:\s+([a-z]+))?", text):
        named = name in WITH_NAMES.get(command, ())
        yield f"./dev {command} {name}" if named else f"./dev {command}"
    for script in re.findall(r"npm (?:--prefix frontend )?run (\w+)", text):
        yield f"npm run {script}"
    yield from re.findall(r"tests/\w+/(?!test_)\w+\.py\b", text)
    for program in re.findall(r"(?:^ {4}|`(?:build/release/bin/)?)(pourtocol-\w+) --?", text, re.M):
        yield program
    if re.search(r"^ {4}curl .*?\blocalhost\b", text, re.M):
        yield "curl localhost"
    if re.search(r"^ {4}\./update\.py ", text, re.M):
        yield "update.py"
    yield from re.findall(r"(?:^ {4}|`)(idf\.py|ctest) ", text, re.M)


def documents():
    for path, file in house.files(house.ROOT, {".md"}):
        yield path, file.read_text()


def documented():
    """Each command, with the document that names it first."""
    found = {}
    for path, text in documents():
        for command in commands_in(text):
            found.setdefault(command, path)
    return found


def test_each_command_of_a_document_is_run_by_something():
    unknown = {command: str(path) for command, path in documented().items()
               if command not in RUN_BY}
    assert not unknown, f"give these a short form, and say here where it is: {unknown}"


def test_the_table_says_where():
    for command, (file, words) in RUN_BY.items():
        assert words in (house.ROOT / file).read_text(), f"{command} is not run by {file}"
        assert not file.endswith(".md") or command in NOT_TO_BE_HAD


def test_the_table_names_nothing_that_no_document_needs():
    usage = (house.ROOT / "dev").read_text()
    told = (f"./dev {name}" for name in re.findall(r"^  ([a-z]+) ", usage, re.M))
    assert not set(RUN_BY) - {*documented(), *told}


def test_what_a_document_may_say_is_recognised():
    assert list(commands_in("`./dev bench page` and ./dev test --quick")) == [
        "./dev bench page", "./dev test"]
    assert list(commands_in("`npm --prefix frontend run latency`")) == ["npm run latency"]
    assert list(commands_in("    pourtocol-dispenser --port 8080")) == ["pourtocol-dispenser"]
    assert list(commands_in("`build/release/bin/pourtocol-sim --swarm`")) == ["pourtocol-sim"]
    assert list(commands_in("    curl localhost:8080/status")) == ["curl localhost"]
    assert list(commands_in("`python3 tests/campaign/long.py --minutes 3`")) == [
        "tests/campaign/long.py"]
