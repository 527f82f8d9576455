"""The whole story in under a minute: verify, fit real data, train, compare with truth.

What it makes goes to a new folder under runs/: a picture, the metrics, the weights.
"""

from pathlib import Path

from ..validation import require


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    parser.add_argument("--seed", type=int, default=0, help="another run of the chance")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where to write")


def run(args) -> int:
    """Tell the story, act by act."""
    require(args.seed >= 0, f"--seed must be 0 or more, got {args.seed}")
    from ..scaling.devices import choose_device  # torch: two seconds, not for --help
    from ..tour.acts import tell

    tell(choose_device(args.device), args.seed, args.out)
    return 0
