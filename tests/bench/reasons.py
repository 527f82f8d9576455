"""Why an aim was missed: a sentence for each kind of row, with this run's numbers."""

from collections.abc import Iterator

import torch

from dpo_edu.scaling.mixed_precision import has_bfloat16_units

from .rounds import least

TOUR_STEPS = 3_486  # of training in `dpo-edu tour`, counted by the profiler


def reasons(found: dict, missed: list[str]) -> Iterator[str]:
    """A line for every kind of row among those that were missed."""
    if any(row.startswith("a step, world") for row in missed):
        yield SHORT
    if any(row.startswith("a step, ") for row in missed):
        yield PROCESSOR
    if any("fastest precision" in row for row in missed):
        yield COARSE if has_bfloat16_units(torch.device("cpu")) else NO_UNITS
    if "dpo-edu tour" in missed:
        step = least(found["steps"]["world 2x64, ours"], "cpu")
        yield TOUR.format(TOUR_STEPS, 1e3 * step, TOUR_STEPS * step)
    if "dpo-edu verify" in missed:
        yield TORCH.format(least(found["fixed"]["import torch"], "wall"))


SHORT = """The world's pairs have about ten tokens. At the smallest size more than \
half of a step is the cost of many small operations, which both trainers pay. On a \
processor that does small products faster, an earlier version took 8.8 ms per step, \
and TRL 2.4 times as long."""
PROCESSOR = """How far two trainers are apart depends on the processor, because it \
sets the price of products against that of everything else. The same code gave 1.61, \
1.65 and 1.49 on the world's pairs and 1.83, 1.78 and 2.04 on texts of up to 90 bytes \
(2 × 64, 4 × 128, 6 × 256) on an AMD EPYC, and 1.81, 1.35 and 1.23, and 2.00, 1.60 and \
2.10, on an Intel Xeon with units for bfloat16, both on 2026-11-30. The aims were set \
on a third machine."""
COARSE = "At 2 × 64 products are so small that their precision hardly matters."
NO_UNITS = """This processor has no units for bfloat16, so a product in bfloat16 takes \
longer than one in float32; what is compared in these rows is two trainers in their \
fastest setting, which is float32 or nearly so."""
TOUR = """The tour takes {} steps of training; at {:.1f} ms each, as measured above, \
they alone take {:.0f} s of its CPU time. The clock shows less, because other parts \
use both cores. An earlier version took 19.9 s by the clock on another machine, where \
a step took 8.8 ms."""
TORCH = """The aim for `verify` was set when it computed the worked examples alone. \
Now it computes every claim of the course, and for those of chapter 13 it trains the \
world's reference again, which is most of the time; {:.2f} s are spent on importing \
torch. `dpo-edu verify 06` computes one chapter's claims."""
