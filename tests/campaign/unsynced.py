"""The server's power is cut at random instants: what it had not synced is lost or torn."""

import lost_writes
from crowd import Crowd
from world import processes

TAPS = 4
CUTS = 12
SYNC_US = (0, 1_000, 10_000, 50_000, 200_000)


def play(world, rng, believed=True):
    """Not `believed`: on a disk that only says that it has synced. Then promises must break."""
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    disk = Disk(world)
    disk.start_server()
    crowd = Crowd(world, rng)
    for _ in range(CUTS):
        # Some in the first moments, while the file is made or repaired.
        world.wait(rng.uniform(0, 0.1) if rng.random() < 0.2 else rng.uniform(0, 1.2))
        disk.cut_power(rng, believed)
        while rng.random() < 0.2:
            disk.cut_power_of_a_starting_server(rng)
        disk.start_server()
    crowd.leave()


class Disk:
    """What the world's server runs on. A life begins with what is in the folder."""

    def __init__(self, world):
        self._world = world
        self._log = world.folder / "disk.log"
        self._before = {}

    def start_server(self):
        self._world.start_server(**self._noted(self._world.rng))

    def cut_power(self, rng, believed=True):
        self._world.kill_server()
        self._lose(rng, believed)

    def cut_power_of_a_starting_server(self, rng):
        self._world.kill_a_starting_server(rng.uniform(0, 0.06), **self._noted(rng))
        self._lose(rng)

    def _noted(self, rng):
        self._log.write_bytes(b"")
        self._before = lost_writes.contents(self._world.folder)
        return {"LD_PRELOAD": str(processes.BIN / "pourtocol-disk_log.so"),
                "POURTOCOL_DISK_LOG": str(self._log),
                "POURTOCOL_DISK_FOLDER": str(self._world.folder),
                "POURTOCOL_DISK_SYNC_US": str(rng.choice(SYNC_US))}

    def _lose(self, rng, believed=True):
        loss, unsynced = lost_writes.play_power_cut(
            self._world.folder, self._before, self._log, rng, believed)
        self._world.tell(f"power cut: of {unsynced} writes not synced, {loss} is lost")
        self._world.count("server power cuts")
        self._world.count("writes not synced", unsynced)
