"""A server and a machine for those who mean no good."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "integration")]

import processes  # noqa: E402


def pytest_collection_modifyitems(items):
    if items and not (processes.BIN / "pourtocol").exists():
        pytest.exit("the programs are not built: ./dev test build", returncode=2)


class Bar:
    """One machine, and the servers that are started for it."""

    def __init__(self, folder):
        self.folder = folder
        self.machine = processes.Dispenser("--flash", folder / "flash")
        self.page = folder / "www"
        (self.page / "assets").mkdir(parents=True)
        (self.page / "index.html").write_text("<!doctype html><title>The page</title>")
        (self.page / "assets" / "index-3KfDFnCH.js").write_text("1")
        self.servers = []

    def open(self, *options, settings="", **more):
        """A server with these options and this configuration file, once its machine is ready."""
        file = self.folder / f"{len(self.servers)}.toml"
        file.write_text(settings)
        server = processes.Server(
            self.folder / f"{len(self.servers)}.db", {"main": self.machine.url}, "--config", file,
            "--web-root", self.page, *options, **more)
        self.servers.append(server)
        server.client.wait_until_ready()
        return server

    def close(self):
        ended = [server for server in self.servers if not server.running]
        for program in [*self.servers, self.machine]:
            program.close()
        assert not ended, f"a server ended by itself:\n{ended[0].said}"


@pytest.fixture(scope="module")
def bar(tmp_path_factory):
    made = Bar(tmp_path_factory.mktemp("bar"))
    try:
        yield made
    finally:
        made.close()
