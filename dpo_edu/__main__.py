"""The command line: ``dpo-edu COMMAND``, or ``python -m dpo_edu COMMAND``.

Only the chosen command is imported. Whatever is wrong with the input is one line on
standard error and exit code 2; Ctrl-C is one line and 130; there is no traceback.
"""

import argparse
import ast
import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from . import __version__
from .commands import COMMANDS
from .validation import InputError

_HEAD = "dpo-edu: Direct Preference Optimization, taught by code that checks itself."


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if words[0] in ("-V", "--version"):
        print(f"dpo-edu {__version__}")
        return 0
    try:
        return _run(words[0], words[1:])
    except InputError as error:
        print(f"dpo-edu {words[0]}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(f"\nStopped. {stop}".rstrip(), file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 141


def _run(name: str, words: list[str]) -> int:
    known = [command for group in COMMANDS.values() for command in group]
    if name not in known:
        raise InputError(f"no such command; there are {', '.join(known)}")
    command = _imported(name)
    parser = argparse.ArgumentParser(f"dpo-edu {name}", description=command.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def _imported(name: str):
    """The command's module, and with it torch where the command needs it.

    Imports make many objects and no garbage: a tenth faster if nobody looks for it.
    """
    gc.disable()
    on_interrupt = signal.getsignal(signal.SIGINT)
    if on_interrupt is signal.default_int_handler:  # not where Ctrl-C is ignored
        signal.signal(signal.SIGINT, _stop_at_once)
    try:
        return import_module(f".commands.{name}", __package__)
    finally:
        signal.signal(signal.SIGINT, on_interrupt)
        gc.enable()


def _stop_at_once(number, frame):
    """Ctrl-C while torch loads: its import can make another error of the exception."""
    os.write(2, b"\nStopped.\n")
    os._exit(130)


def _overview() -> str:
    lines = [_HEAD, ""]
    for title, names in COMMANDS.items():
        lines += [
            f"{title}:",
            *(f"  {name:<10} {_summary(name)}" for name in names),
            "",
        ]
    return "\n".join([*lines, "dpo-edu COMMAND --help tells more about one of them."])


def _summary(name: str) -> str:
    """First line of a command's docstring, read without importing what it needs."""
    source = (Path(__file__).parent / "commands" / f"{name}.py").read_text("utf-8")
    first = (ast.get_docstring(ast.parse(source)) or "").splitlines()[0]
    return first.removeprefix(f"``dpo-edu {name}``: ")


if __name__ == "__main__":
    sys.exit(main())
