"""The planted bugs still are what they say: each patch fits the source as it stands."""

import planted


def test_each_patch_fits_one_place_and_changes_it():
    for bug in planted.all_bugs():
        if bug.file:
            assert bug.text != (planted.ROOT / bug.file).read_text(), bug.words


def test_each_bug_is_named_once_and_every_room_has_some():
    bugs = planted.all_bugs()
    assert len({bug.words for bug in bugs}) == len(bugs)
    assert {bug.room for bug in bugs} == {"coordinator", "codec", "core", "store", "seam"}


def test_the_short_form_has_one_bug_of_each_room():
    short = [bug for bug in planted.all_bugs()
             if any(words in bug.words for words in planted.SHORT)]
    assert sorted(bug.room for bug in short) == ["codec", "coordinator", "core", "seam", "store"]
