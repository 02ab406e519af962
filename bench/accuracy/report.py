"""./dev bench accuracy: how precisely a fleet of simulated machines pours, beside the marks and
beside what the original's plain `ml / flow` timing pours on twins of the same machines.

Each machine is drawn at random (firmware/simulator/plant), calibrated by a person who reads a cup
to 1 ml and slows a strong pump that has no meter, and then pours through an evening: bottles run
low, the supply drifts, tubes wear. With --full-power nobody slows any. With --publish,
docs/accuracy.md and its plot are written anew, with what other fleets come to. Exit code 0 only if
every mark was met; with --short, which is too short to be judged, if everything was measured.
"""

import argparse
import collections
import csv
import subprocess
import sys
from pathlib import Path

import plot

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))
import measured  # noqa: E402

FLEET = ROOT / "build" / "release" / "bin" / "pourtocol-bench-fleet"
PUMPS = {"small": "submersible, 12 ml/s", "strong": "submersible, 25 ml/s",
         "peristaltic": "peristaltic, 6 to 9 ml/s"}
MEASURES = ["timed", "metered"]

Pour = collections.namedtuple("Pour", "asked flowed said plus_minus low high plain dry")
MORE_SEEDS = 5
WIDER = 1.5


def pour_with(options):
    command = [FLEET, "--seed", str(options.seed), "--machines", str(options.machines),
               "--pours", str(options.pours), "--spread", str(options.spread)]
    if options.full_power:
        command.append("--full-power")
    pours = collections.defaultdict(list)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as fleet:
        for pump, measure, _, *microlitres, dry in csv.reader(fleet.stdout):
            millilitres = (int(each) / 1000 for each in microlitres)
            pours[measure, pump].append(Pour(*millilitres, dry == "1"))
    if fleet.returncode != 0:
        sys.exit(f"the fleet ended with {fleet.returncode}")
    return pours


class Judged:
    """One group of pours against its marks. Pours in which the bottle ran empty are no dosing
    errors; their number is told. Without a meter nobody but the guest notices, and the ± does not
    hold; the receipt's interval must, and is judged with all of them."""

    def __init__(self, measure, pours):
        whole = measured.some(f"accuracy, {measure}", [each for each in pours if not each.dry])
        timed = measure == "timed"
        near = (lambda a: max(1, 0.05 * a)) if timed else (lambda a: 1)
        aim = (lambda a: max(0.8, 0.04 * a)) if timed else (lambda a: 0.7)
        far = (lambda a: max(2, 0.07 * a)) if timed else (lambda a: 2)
        self.errors = [pour.flowed - pour.asked for pour in whole]
        self.plain_errors = [pour.plain - pour.asked for pour in whole]
        asked = [pour.asked for pour in whole]
        within = lambda errors, limit: 100 * sum(
            abs(error) <= limit(a) for error, a in zip(errors, asked)) / len(whole)
        self.pours, self.dry = len(whole), len(pours) - len(whole)
        self.aim, self.near = within(self.errors, aim), within(self.errors, near)
        self.beyond = sum(abs(error) > far(a) for error, a in zip(self.errors, asked))
        self.bias = 100 * sum(self.errors) / sum(asked)
        stated = whole if timed else pours
        self.covered = 100 * sum(abs(pour.flowed - pour.said) <= pour.plus_minus
                                 for pour in stated) / len(stated)
        self.held = 100 * sum(pour.low <= pour.flowed <= pour.high for pour in pours) / len(pours)
        self.plus_minus = sum(pour.plus_minus for pour in whole) / len(whole)
        self.plain_near = within(self.plain_errors, near)
        self.plain_bias = 100 * sum(self.plain_errors) / sum(asked)

    def cells(self):
        return [f"{self.pours:,}", f"{self.near:.1f} %", f"{self.aim:.1f} %", f"{self.bias:+.2f} %",
                str(self.beyond), f"± {self.plus_minus:.2f}", f"{self.covered:.2f} %",
                f"{self.plain_near:.1f} %", f"{self.plain_bias:+.0f} %"]


HEAD = ["", "pours", "within the mark", "within the aim", "bias", "beyond", "stated ± (ml, mean)",
        "true within ±", "plain: within the mark", "plain: bias"]


def named(options):
    """What each kind is called, by (measure, pump)."""
    names = {(measure, pump): name for measure in MEASURES for pump, name in PUMPS.items()}
    if not options.full_power:
        names["timed", "strong"] += ", slowed"
    return names


def table(judged, names):
    lines = ["| " + " | ".join(HEAD) + " |", "| --- |" + " ---: |" * (len(HEAD) - 1)]
    for (measure, pump), group in judged.items():
        name = f"**{measure}**" if pump == "all" else names[measure, pump]
        lines.append("| " + " | ".join([name, *group.cells()]) + " |")
    return "\n".join(lines)


def marks(judged, spread):
    """Of the fleet as it is; with wider spreads only the honesty of the ± is promised."""
    if spread != 1:
        return [(f"{measure}: true within the stated ± in 97 % (spread {spread:g})",
                 group.covered >= 97, f"{group.covered:.2f} %")
                for measure, group in whole(judged)]
    found = []
    for measure, group in whole(judged):
        share, bias = (95, 2) if measure == "timed" else (99, 1)
        near = "max(1 ml, 5 %)" if measure == "timed" else "1 ml"
        far = "max(2 ml, 7 %)" if measure == "timed" else "2 ml"
        found += [
            (f"{measure}: {share} % within {near}", group.near >= share, f"{group.near:.2f} %"),
            (f"{measure}: mean bias at most {bias} %", abs(group.bias) <= bias,
             f"{group.bias:+.2f} %"),
            (f"{measure}: none beyond {far}", group.beyond == 0,
             f"{group.beyond} of {group.pours:,}"),
            (f"{measure}: true within the stated ± in 99 %", group.covered >= 99,
             f"{group.covered:.2f} %"),
            (f"{measure}: true within the receipt's interval, empty bottles and all, in 99 %",
             group.held >= 99, f"{group.held:.2f} %")]
    return found


def whole(judged):
    return [(measure, judged[measure, "all"]) for measure in MEASURES]


def judge(pours):
    judged = {}
    for measure in MEASURES:
        groups = {pump: pours[measure, pump] for pump in PUMPS if pours[measure, pump]}
        if not groups:
            sys.exit("a fleet needs at least 6 machines, one of each kind")
        every = [pour for each in groups.values() for pour in each]
        judged[measure, "all"] = Judged(measure, every)
        judged |= {(measure, pump): Judged(measure, each) for pump, each in groups.items()}
    return judged


def others(options):
    """What fleets come to that are drawn by other seeds, and one with wider spreads."""
    lines = []
    for seed in range(options.seed + 1, options.seed + 1 + MORE_SEEDS):
        found = marks(judge(pour_with(like(options, seed=seed))), 1)
        missed = "; ".join(f"{what}: {value}" for what, met, value in found if not met)
        lines.append(f"- `--seed {seed}`: {'MISSED: ' + missed if missed else 'all marks met'}")
    wider = like(options, spread=WIDER)
    lines += [f"- `--seed {options.seed} --spread {WIDER:g}`: {what}: {value}, "
              f"{'met' if met else 'MISSED'}"
              for what, met, value in marks(judge(pour_with(wider)), WIDER)]
    return "\n".join(lines)


def like(options, **changes):
    return argparse.Namespace(**{**vars(options), **changes})


def publish(options, text, judged):
    page = options.docs / "accuracy.md"
    before, marker, _ = page.read_text().partition("<!-- measured -->\n")
    command = (f"./dev bench accuracy --seed {options.seed} --machines {options.machines} "
               f"--pours {options.pours} --publish")
    page.write_text(f"{before}{marker}\nWritten by `{command}`:\n\n{text}\n\n"
                    f"Other fleets, in the same run:\n\n{others(options)}\n")
    plot.draw({key: (group.errors, group.plain_errors) for key, group in judged.items()
               if key[1] != "all"}, named(options), options.docs / "images" / "accuracy.svg")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="draws the fleet")
    parser.add_argument("--machines", type=int, default=240)
    parser.add_argument("--pours", type=int, default=100, help="of each machine")
    parser.add_argument("--spread", type=float, default=1.0,
                        help="all spreads of the machines so many times as wide")
    parser.add_argument("--full-power", action="store_true",
                        help="nobody slows a strong pump that has no meter")
    parser.add_argument("--publish", action="store_true", help="writes docs/accuracy.md")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where that is")
    parser.add_argument("--short", action="store_true",
                        help="six machines, three pours each, told and not judged")
    options = parser.parse_args()
    if options.short:
        options.machines, options.pours = 6, 3
    if options.publish and (options.spread != 1 or options.full_power):
        parser.error("only the fleet as it is can be published")

    judged = judge(pour_with(options))
    found = marks(judged, options.spread)
    dry = sum(group.dry for key, group in judged.items() if key[1] == "all")
    text = (f"{options.machines} machines, {options.pours} pours each; {dry:,} pours that ran a "
            f"bottle empty are left out.\n\n{table(judged, named(options))}\n\n" +
            "\n".join(f"- {what}: {value}, {'met' if met else 'MISSED'}"
                      for what, met, value in found))
    print(text)
    if options.publish:
        publish(options, text, judged)
    return measured.exit_code(found, options.short)


if __name__ == "__main__":
    sys.exit(main())
