"""Where mutants are made and tried: a copy of the rooms that decide, built apart from all else.

A mutant is tried by the programs of its own side, and goes no further than the first that kills it.

The machine's core: its tests are built as they are for a board (firmware/testing/check.hpp): that
compiles in a second what GoogleTest takes ten for. Those that need the host (RapidCheck) come after
them, and then the promises held against random plants.

The server: the tests of its rooms, and then the contract of the log on the simulation's disk.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layering"))

import layering  # noqa: E402

ROOMS = sorted(layering.ROOMS["simulation"] | layering.ROOMS["firmware/rv32"] |
               {"simulation", "firmware/rv32", "tests/contract"})
LIBRARY = ["core/*.cpp", "protocol/*.cpp", "firmware/core/*.cpp"]
TESTS = "firmware/core/tests/*_test.cpp"
WATCHER = "firmware/core/tests/watcher*.cpp"
SERVER = ["core/*.cpp", "protocol/*.cpp", "backend/control/*.cpp", "backend/ledger/*.cpp"]
SERVER_TESTS = ["backend/control/tests/*_test.cpp", "backend/ledger/tests/*_test.cpp"]
CONTRACT = ["tests/contract/audit_log_contract*.cpp", "tests/contract/simulated_contract_test.cpp",
            "simulation/disk.cpp"]
PLANT = ["firmware/simulator/plant/*.cpp", "firmware/simulator/plant/tests/*_test.cpp"]
TRY_SECONDS_MAX = 120
BUILD_SECONDS_MAX = 900

RULES = """
rule compile
  command = {launcher}g++ -std=c++23 {optimise} -w -I. $flags -MD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
rule link
  command = g++ $in $libraries -o $out
"""
# As the boards and the release are built, but for what would only cost time.
OPTIMISE = "-O1 -g0"


class BrokenWorkshop(Exception):
    """The unchanged core does not build or pass: there is nothing to compare a mutant with."""


class Workshop:
    """One copy of the sources under `folder`, with its build, which may use so many `jobs`. Not
    shared between threads."""

    jobs = 1

    def __init__(self, root, folder, jobs=1):
        self.root, self.folder, self.jobs = Path(root), Path(folder), jobs
        for room in ROOMS:
            # What is unchanged keeps its time, so that a second run builds little.
            self._mirror(self.root / room, self.folder / room)
        self.programs, self._whole = {"firmware": [], "backend": []}, set()
        (self.folder / "build.ninja").write_text(self._build_file())

    def _mirror(self, source, target):
        kept = set()
        for path in source.rglob("*"):
            relative = path.relative_to(source)
            if path.is_dir() or "__pycache__" in relative.parts:
                continue
            kept.add(relative)
            copy = target / relative
            if not copy.is_file() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
        for path in list(target.rglob("*")):
            if path.is_file() and path.relative_to(target) not in kept:
                path.unlink()

    def _sources(self, *patterns):
        return sorted(str(path.relative_to(self.root)) for pattern in patterns
                      for path in self.root.glob(pattern))

    def _build_file(self):
        launcher = "ccache " if shutil.which("ccache") else ""
        text = [RULES.format(launcher=launcher, optimise=OPTIMISE)]

        def objects(sources, kind, flags=""):
            made = []
            for source in sources:
                made.append(f"{kind}/{source}.o")
                text.append(f"build {made[-1]}: compile {source}\n  flags = {flags}")
            return made

        def program(side, name, parts, libraries=""):
            text.append(f"build {name}: link {' '.join(parts)}\n  libraries = {libraries}")
            self.programs[side].append(name)

        tests = self._sources(TESTS)
        host = [test for test in tests if "gtest/gtest.h" in (self.root / test).read_text()]
        portable = [test for test in tests if test not in host]
        library = objects(self._sources(*LIBRARY), "library", "-fno-exceptions -fno-rtti")
        program("firmware", "core_test", library + objects(
            [*portable, "firmware/rv32/run_tests.cpp"], "board", "-DPOURTOCOL_ON_BOARD"))
        gtest = "-lrapidcheck -lgmock_main -lgmock -lgtest -lpthread"
        program("firmware", "host_test",
                library + objects([*host, *self._sources(WATCHER)], "host"), gtest)
        program("firmware", "plant_test", library + objects(self._sources(*PLANT), "host"), gtest)
        server = objects(self._sources(*SERVER), "server")
        program("backend", "server_test",
                server + objects(self._sources(*SERVER_TESTS), "server"), gtest)
        program("backend", "contract_test",
                server + objects(self._sources(*CONTRACT), "server"), gtest)
        return "\n".join(text) + "\n"

    def read(self, name):
        return (self.root / name).read_text()

    def write(self, name, text):
        """What is unchanged keeps its time, and is not compiled again."""
        if (self.folder / name).read_text() != text:
            (self.folder / name).write_text(text)

    def build(self, program):
        """None, or the first lines of the compiler's complaint."""
        made = subprocess.run(["ninja", "-j", str(self.jobs), program], cwd=self.folder, text=True,
                              capture_output=True, timeout=BUILD_SECONDS_MAX, check=False)
        return None if made.returncode == 0 else made.stdout[-2000:]

    def run(self, program):
        """Whether `program` finds nothing wrong."""
        # The same draws for every mutant and every day.
        environment = {**os.environ, "RC_PARAMS": "seed=1"}
        try:
            done = subprocess.run([f"./{program}"], cwd=self.folder, env=environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  timeout=TRY_SECONDS_MAX, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _need(self, program):
        """Builds and tries it on the unchanged core: once, for most mutants need only the first."""
        if complaint := self.build(program):
            raise BrokenWorkshop(f"{program} does not build:\n{complaint}")
        if not self.run(program):
            raise BrokenWorkshop(f"{program} fails on the unchanged core")
        self._whole.add(program)

    def try_change(self, name, text):
        """The program that notices when file `name` is `text`; "" if none does; None if that does
        not compile."""
        original = self.read(name)
        try:
            for program in self.programs[name.split("/")[0]]:
                if program not in self._whole:
                    self.write(name, original)
                    self._need(program)
                self.write(name, text)
                if self.build(program) is not None:
                    return None
                if not self.run(program):
                    return program
            return ""
        finally:
            self.write(name, original)
