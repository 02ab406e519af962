"""The planted mutants still are what they say: each fits the source as it stands."""

import table

ROOT = table.TABLE.parents[2]


def test_each_mutant_fits_one_place_and_changes_it():
    for mutant in table.planted():
        text = (ROOT / mutant.file).read_text()
        assert mutant.applied_to(text) != text, mutant.breaks


def test_each_mutant_is_named_once():
    named = [(mutant.file, mutant.breaks) for mutant in table.planted()]
    assert len(set(named)) == len(named)
