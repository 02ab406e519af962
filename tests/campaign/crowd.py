"""Guests who order all the time, and never give up a key before they know what became of it."""

import random
import threading

from truth import LAST_WORDS
from world import LOST, pause

AMOUNTS_ML = (1, 1, 1, 2, 2, 3, 4)


class Guest(threading.Thread):
    """Stands at one tap. Its choices come from `seed`; when it makes them is up to the threads."""

    def __init__(self, world, name, tap, seed, ending, impatience=0.0,
                 amounts_ml=AMOUNTS_ML):
        super().__init__(daemon=True)
        self.world, self.guest, self.tap = world, name, tap
        self.random, self.ending = random.Random(seed), ending
        self.amounts_ml = amounts_ml
        self.impatience = impatience  # the chance to give a key up after an answer that says "wait"
        self.crash = None

    def run(self):
        number = 0
        try:
            while not self.ending.is_set():
                number += 1
                self.order(f"{self.guest}-{number}")
        except Exception as error:  # noqa: BLE001: told by Crowd.leave
            self.crash = error

    def order(self, key):
        amount = self.random.choice(self.amounts_ml)
        told = self.ask_until_known(key, amount)
        if told is not None and told.code == "device_fault":
            self.take_glass_away()
        if told is None or told.code != "pouring":
            self.ending.wait(self.random.uniform(0.02, 0.1))
            return
        self.meddle(key)
        while not self.ending.wait(0.06):
            receipt = self.world.receipt(key)
            if receipt is not None and receipt.get("final"):
                return

    def ask_until_known(self, key, amount):
        while True:
            told = self.world.ask(key, self.tap, self.guest, amount)
            if told is not None and told.code in LAST_WORDS:
                return told
            if self.ending.is_set() or (
                    told is not None and self.random.random() < self.impatience):
                return None
            self.ending.wait(self.random.uniform(0.01, 0.08))

    def meddle(self, key):
        """Some change their mind in mid-pour: the glass is lifted, or the pour stopped."""
        chance = self.random.random()
        if chance > 0.16:
            return
        pause(self.random.uniform(0, 0.5))
        if chance < 0.08:
            self.lift_glass(self.random.uniform(0.05, 0.3))
        else:
            self.world.stop_pour(key)

    def take_glass_away(self):
        """As the screen says of a machine that is out of order: this is what clears its fault."""
        self.lift_glass(self.random.uniform(1.1, 1.5))

    def lift_glass(self, seconds):
        control = self.world.machines[self.tap].control
        try:
            control.glass(False)
            pause(seconds)
            control.glass(True)
        except LOST:
            pass  # that machine is gone; the one that comes in its place has a glass


class Crowd:
    def __init__(self, world, rng, guests_per_tap=1, impatience=0.0,
                 amounts_ml=AMOUNTS_ML):
        self._ending = threading.Event()
        self.guests = [
            Guest(world, f"guest{n}-{tap}", tap, rng.random(), self._ending, impatience,
                  amounts_ml)
            for tap in world.machines for n in range(guests_per_tap)]
        for guest in self.guests:
            guest.start()

    def leave(self):
        self._ending.set()
        for guest in self.guests:
            guest.join(30)
            if guest.crash is not None:
                raise guest.crash
            assert not guest.is_alive(), f"{guest.guest} does not come home"
