"""What every bench holds its own findings to before it tells them: that something was measured.

A ratio to nothing says nothing, and a bench that has measured nothing for weeks looks like one that
nobody has run. So it ends with a sentence, and fails.
"""

import math
import sys


def positive(what, value):
    """`value`, a number above 0; or the bench ends, naming `what`."""
    if isinstance(value, (int, float)) and math.isfinite(value) and value > 0:
        return value
    sys.exit(f"bench: {what} measured nothing ({value}). Run it by hand, see what it says, and "
             "mend the bench.")


def some(what, values):
    """`values`, at least one; or the bench ends, naming `what`."""
    if values:
        return values
    sys.exit(f"bench: {what} measured nothing: not one value. Run it by hand, see what it says, "
             "and mend the bench.")


def every(what, values):
    """`values`, at least one and each above 0; or the bench ends, naming `what`."""
    for value in some(what, values):
        positive(what, value)
    return values


def exit_code(marks, short):
    """For `marks` as (what, met, found): 0 only if every one was met. A short run is too short to
    be judged by them: it has told them, and has measured."""
    return 0 if short or all(met for _, met, _ in marks) else 1
