"""The mutants that people planted (mutants.txt), and a way to draw some that nobody chose."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("mutants.txt")


@dataclass
class Mutant:
    file: str
    old: str
    new: str
    breaks: str
    explained: str = ""  # why no test can notice, for one that is known to survive

    def applied_to(self, text):
        """`text` with the change. Whoever changes the source must look at its mutants again."""
        # Lines after the first may be indented as they like.
        place = re.compile(r"\n[ ]*".join(re.escape(line) for line in self.old.split("\n")))
        count = len(place.findall(text))
        if count != 1:
            raise ValueError(f"{self.file}: {count} places, not one, read:\n{self.old}\n"
                             f"({self.breaks})")
        return place.sub(lambda _: self.new, text)


def planted(lines=None):
    """The table: `@ FILE`, then for each mutant what stands there now (`-`), what instead (`+`),
    what that breaks (`!`), and for one that survives, why (`?`)."""
    file, parts, found = "", {}, []

    def finish():
        if parts:
            found.append(Mutant(file, "\n".join(parts["-"]), "\n".join(parts.get("+", [""])),
                                " ".join(parts["!"]), " ".join(parts.get("?", []))))
            parts.clear()

    for line in (TABLE.read_text().splitlines() if lines is None else lines):
        mark, rest = line[:1], line[2:]
        if mark == "@":
            finish()
            file = rest
        elif mark in "-+!?" and mark:
            if mark == "-" and "!" in parts:
                finish()
            parts.setdefault(mark, []).append(rest)
        elif mark not in ("", "#"):
            raise ValueError(f"mutants.txt: what is this? {line}")
    finish()
    return found


# Single tokens and what a slip of the pen makes of them.
SLIPS = [
    (r"(?<=\s)<(?=\s)", "<="), (r"(?<=\s)<=(?=\s)", "<"), (r"(?<=\s)>(?=\s)", ">="),
    (r"(?<=\s)>=(?=\s)", ">"), (r"(?<=\s)==(?=\s)", "!="), (r"(?<=\s)!=(?=\s)", "=="),
    (r"(?<=\s)&&(?=\s)", "||"), (r"(?<=\s)\|\|(?=\s)", "&&"), (r"(?<=\s)\+(?=\s)", "-"),
    (r"(?<=\s)-(?=\s)", "+"), (r"(?<=\s)\*(?=\s)", "/"), (r"(?<=\s)/(?=\s)", "*"),
    (r"\+=", "-="), (r"-=", "+="), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"std::min(?=[(<])", "std::max"), (r"std::max(?=[(<])", "std::min"),
    (r"(?<=\()!(?=\w)", ""), (r"(?<=if \()(?=\w)", "!"), (r"\+\+(?=\w)", "--"),
    (r"(?<=return )(?=refuse\()", "false ? std::nullopt : "),
    (r"(?m)^ +[\w.>-]+(\.reset\(\)|\.clear\(\)| = [^;{}]+);$", ""),
]
# Where a change means nothing, or is nobody's doing.
NOT_CODE = re.compile(r"//|^\s*#|static_assert|POURTOCOL_ASSERT|template|\[\[nodiscard\]\]|operator|"
                      r"constexpr std::size_t .*_at = ")


def slips_in(name, text):
    """Every mutant that the table above makes of a file."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if NOT_CODE.search(line):
            continue
        for pattern, new in SLIPS:
            for hit in re.finditer(pattern, line):
                changed = line[:hit.start()] + new + line[hit.end():]
                whole = "".join([*lines[:number - 1], changed, *lines[number:]])
                what = f"{number}: {line.strip()}  ->  {changed.strip() or '(nothing)'}"
                yield name, whole, what


def drawn(count, seed, names, read):
    """`count` of all slips in the files, (name, whole text, what was changed)."""
    every = [slip for name in names for slip in slips_in(name, read(name))]
    return random.Random(seed).sample(every, min(count, len(every)))
