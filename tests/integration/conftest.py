"""A house full of real processes for each test, and what must hold whatever the test was about."""

import sqlite3

import pytest

import device
import processes


def pytest_addoption(parser):
    parser.addoption("--kill-moments", type=int, default=24,
                     help="at how many moments of a pour the server is killed")


def pytest_generate_tests(metafunc):
    if "moment" in metafunc.fixturenames:
        count = metafunc.config.getoption("--kill-moments")
        # Denser at the beginning, where more happens: squares of even steps.
        moments = [(i / (count - 1)) ** 2 for i in range(count)]
        # A device of the seed's contract takes seconds to settle: a third as many.
        wanted = [("2", moment) for moment in moments] + [("1", moment) for moment in moments[::3]]
        metafunc.parametrize(
            "dispenser, moment", wanted, indirect=["dispenser"], scope="module",
            ids=[f"protocol-{version}-at-{moment:.2%}" for version, moment in wanted])


def pytest_collection_modifyitems(items):
    if items and not (processes.BIN / "pourtocol").exists():
        pytest.exit("the programs are not built: ./dev test build", returncode=2)


class Party:
    """Starts things, and ends them in the opposite order."""

    def __init__(self, folder):
        self.folder = folder
        self.database = folder / "pourtocol.db"
        self.servers, self.devices, self._guests = [], [], []
        self.ports = processes.HeldPorts()

    def device(self, order=None, host="127.0.0.1", port=0, **more):
        made = device.SeedDevice(order, host=host, port=self.ports.draw(host, port), **more)
        made.started_when_order_came = []
        made.on_first_order_byte = lambda: made.started_when_order_came.append(
            started_rows(self.database))
        self.devices.append(made)
        self._guests.append(made)
        return made

    def dispenser(self, *options):
        # Without power its port is closed, and has to stay free until the power is back.
        made = processes.Dispenser("--flash", self.folder / f"{len(self._guests)}.flash", *options,
                                   port=self.ports.draw())
        self._guests.append(made)
        return made

    def server(self, taps, *options, **more):
        """A server on the party's database. `taps`: a device, or a mapping of names to devices."""
        named = taps if isinstance(taps, dict) else {"main": taps}
        urls = {name: getattr(tap, "url", tap) for name, tap in named.items()}
        made = processes.Server(more.pop("database", self.database), urls, *options, **more)
        self.servers.append(made)
        return made

    def close(self):
        for program in reversed(self.servers):
            program.close()
        for guest in reversed(self._guests):
            guest.close()
        self.ports.close()


def started_rows(database):
    """The request ids with a durable `started` row, read straight from the file."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT request_id FROM events WHERE status = 'started'")
        return {request_id for (request_id,) in rows}


@pytest.fixture
def party(tmp_path):
    made = Party(tmp_path)
    try:
        yield made
        crashed = [server.said for server in made.servers
                   if not server.running and server.process.returncode not in (0, -9)]
        assert not crashed, f"a server ended by itself:\n{crashed}"
    finally:
        made.close()
    for each in made.devices:
        check_orders(each)
    if made.database.exists():
        code, said = processes.run("check", "--database", made.database)
        assert code == 0, f"the log does not hold together:\n{said}"


def check_orders(seed_device):
    """No order twice, and none before its `started` row was durable."""
    ids = [order.request_id for order in seed_device.orders
           if not order.bytes.startswith(b"POST /stop ")]  # those may come as often as they like
    assert len(set(ids)) == len(ids), f"an order was sent twice: {seed_device.orders}"
    for order, durable in zip(seed_device.orders, seed_device.started_when_order_came):
        assert order.request_id is None or order.request_id in durable, \
            f"{order} came before its row was durable"
