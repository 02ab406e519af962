"""A power cut of the server's disk loses what was not synced and nothing else, and is seen."""

import random
import sqlite3

import pytest

import unsynced
from lost_writes import (CREATED, CUT, FOLDER_SYNCED, HEAD, REMOVED, SYNCED, WRITTEN, Record,
                         after_power_cut, read_log)
from world import World

LOSSES_TRIED = [(loss, seed) for loss in ("everything", "all but a beginning", "some of it")
                for seed in range(40)]


def left(before, *records):
    """Every outcome that the tried draws had."""
    return [after_power_cut(before, records, loss, random.Random(seed))[0]
            for loss, seed in LOSSES_TRIED]


def test_what_was_synced_is_there_whatever_else_is_lost():
    outcomes = left({"a": b"old"}, Record(WRITTEN, "a", 0, b"new"), Record(SYNCED, "a", 1),
                    Record(WRITTEN, "a", 0, b"loose"))
    assert {outcome["a"] for outcome in outcomes} == {b"new", b"loose"}


def test_a_write_that_came_while_a_sync_ran_may_be_lost():
    outcomes = left({"a": b"old"}, Record(WRITTEN, "a", 0, b"one"), Record(WRITTEN, "a", 0, b"two"),
                    Record(SYNCED, "a", 1))
    assert {outcome["a"] for outcome in outcomes} == {b"one", b"two"}


def test_a_sync_of_one_file_keeps_nothing_of_another():
    outcomes = left({"a": b"old", "b": b""}, Record(WRITTEN, "a", 0, b"new"),
                    Record(SYNCED, "b", 1))
    assert {outcome["a"] for outcome in outcomes} == {b"old", b"new"}


def test_a_write_may_be_torn_between_sectors():
    outcomes = left({"a": bytes(1024)}, Record(WRITTEN, "a", 0, b"x" * 1024))
    assert {(outcome["a"][0], outcome["a"][-1]) for outcome in outcomes} == {
        (0, 0), (ord("x"), 0), (0, ord("x")), (ord("x"), ord("x"))}


def test_a_cut_off_that_was_not_synced_may_not_have_been():
    outcomes = left({"a": b"long"}, Record(CUT, "a", 1))
    assert {outcome["a"] for outcome in outcomes} == {b"long", b"l"}


def test_names_come_and_go_with_a_sync_of_the_folder_only():
    made = Record(CREATED, "a", 0), Record(WRITTEN, "a", 0, b"x"), Record(SYNCED, "a", 2)
    assert {outcome.get("a") for outcome in left({}, *made)} == {None, b"x"}
    kept = *made, Record(FOLDER_SYNCED, ".", 3)
    assert {outcome.get("a") for outcome in left({}, *kept)} == {b"x"}
    gone = Record(WRITTEN, "a", 0, b"new"), Record(SYNCED, "a", 1), Record(REMOVED, "a", 0)
    assert {outcome.get("a") for outcome in left({"a": b"old"}, *gone)} == {None, b"new"}


def test_a_record_that_was_cut_off_was_never_done():
    whole = HEAD.pack(WRITTEN, 1, 7, 2) + b"axy"
    assert read_log(whole + whole[:-1]) == [Record(WRITTEN, "a", 7, b"xy")]


def test_a_disk_that_only_says_that_it_synced_is_found_out(tmp_path):
    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with World(folder, random.Random(seed)) as world:
            try:
                unsynced.play(world, world.rng, believed=False)
                found = world.verdict()
            except (AssertionError, sqlite3.Error) as error:  # what is left may be no log at all
                found = [f"8: {error}"]
        if found:
            return
    pytest.fail("rows were lost, and nobody noticed")
