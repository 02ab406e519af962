"""The power of machines is cut in mid-pour, at random instants; some lose their flash."""

from crowd import Crowd

TAPS = 5
CUTS = 25
SLOT_BYTES = 128


def play(world, rng):
    for n in range(TAPS):
        world.add_machine(f"tap{n}")
    if rng.random() < 0.25:
        world.add_machine("seed", protocol=1)
    world.start_server()
    crowd = Crowd(world, rng)
    for _ in range(CUTS):
        world.wait(rng.uniform(0, 0.7))
        machine = rng.choice(list(world.machines.values()))
        if rng.random() < 0.5:
            wait_for_a_lost_answer(world, machine, rng)
        if rng.random() < 0.3:
            how, spoil = rng.choice(SPOILERS)
            world.tell(f"{machine.name}: power cut, flash {how}")
            machine.cut_power_and_lose_flash(lambda file, do=spoil: do(file, rng))
            world.count(f"flash {how}")
        else:
            world.tell(f"{machine.name}: power cut")
            machine.control.power(False)
            world.wait(rng.choice((0, 0.01, 0.2, 1.2)))
            machine.control.power(True)
        world.count("power cuts")
        if rng.random() < 0.1:
            world.kill_server()
            world.start_server()
    crowd.leave()


def wait_for_a_lost_answer(world, machine, rng):
    """So that the machine alone knows of a pour when its power goes: until it pours, or a while."""
    machine.control.post("/network", {rng.choice(("drop_answers", "hang_answers")): 1,
                                      "only": "dispense"})
    if machine.control.wait_for_truth(lambda truth: truth["pump_on"], seconds=1):
        world.count("answers lost before a cut")
    world.wait(rng.uniform(0, 0.4))
    machine.control.post("/network", {"drop_answers": 0, "hang_answers": 0})


# What may have become of a flash while the power was away.

def erased(file, rng):
    file.write_bytes(b"\xff" * file.stat().st_size)


def zeroed(file, rng):
    file.write_bytes(bytes(file.stat().st_size))


def aged(file, rng):
    """A few bits of records have flipped."""
    flash = bytearray(file.read_bytes())
    used = [n for n in range(0, len(flash), SLOT_BYTES)
            if any(byte != 0xFF for byte in flash[n:n + SLOT_BYTES])]
    for slot in rng.sample(used, min(len(used), rng.randint(1, 4))):
        flash[slot + rng.randrange(SLOT_BYTES)] ^= 1 << rng.randrange(8)
    file.write_bytes(flash)


def kept(file, rng):
    """Nothing: the process alone is a new one."""


SPOILERS = [("erased", erased), ("zeroed", zeroed), ("aged", aged), ("kept", kept)]
