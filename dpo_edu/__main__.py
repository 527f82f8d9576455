"""The command line: ``dpo-edu COMMAND``, or ``python -m dpo_edu COMMAND``.

Only the chosen command is imported. Whatever is wrong with the input, the files or the
machine is one line on standard error and exit code 2; Ctrl-C is one line and 130; there
is no traceback.
"""

import argparse
import ast
import gc
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from . import __version__
from .commands import COMMANDS
from .validation import InputError, visible
from .validation.interrupts import stoppable

_HEAD = "dpo-edu: Direct Preference Optimization, taught by code that checks itself."

FROM_OUTSIDE = (
    *(InputError, OSError, UnicodeError, EOFError),
    *(MemoryError, RecursionError, OverflowError),
)
"""What a user's files, options and machine can cause: no fault of the program."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    _prepare_streams()
    with stoppable() as stopped_by:
        try:
            try:
                return _run(words)
            finally:
                sys.stdout.flush()  # here it can still be told that the disk is full
        except BrokenPipeError:  # the reader, such as `head`, has seen enough
            return _end(141)
        except KeyboardInterrupt as stop:
            return _end(130, "\n" + visible(f"Stopped. {stop}".rstrip()))
        except Exception as error:
            if stopped_by:  # a library has made another error of the interrupt
                return _end(130, "\nStopped.")
            if not isinstance(error, FROM_OUTSIDE):
                raise
            return _end(2, visible(f"{_called(words)}: {_reason(error)}"))


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    name, *rest = words
    if name in ("-V", "--version"):
        print(f"dpo-edu {__version__}")
        return 0
    known = [command for group in COMMANDS.values() for command in group]
    if name not in known:
        raise InputError(f"no such command; there are {', '.join(known)}")
    command = _imported(name)
    parser = argparse.ArgumentParser(_called(words), description=command.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    return command.run(parser.parse_args(rest))


def _called(words: list[str]) -> str:
    """'dpo-edu train', or 'dpo-edu' without a command."""
    return " ".join(["dpo-edu", *words[:1]])


def _imported(name: str):
    """The command's module, and with it torch where the command needs it.

    Imports make many objects and no garbage: a tenth faster if nobody looks for it.
    """
    gc.disable()
    try:
        return import_module(f".commands.{name}", __package__)
    finally:
        gc.enable()


def _prepare_streams() -> None:
    """Let every text be printed, line by line; what an encoding lacks is escaped.

    A log would else get a line minutes after it is said: a file gets 8 kB at a time.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed, as by `>&-`
            nowhere = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, for good
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)


def _end(code: int, line: str = "") -> int:
    """Say the last line; drop what cannot be written and would fail again at exit."""
    with suppress(OSError, ValueError):
        print(line, end="\n" if line else "", file=sys.stderr, flush=True)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


def _reason(error: Exception) -> str:
    """What went wrong outside of the program, without a traceback."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return "this machine has too little memory for that"
    if isinstance(error, OSError) and error.strerror:
        lost = "the current directory" if isinstance(error, FileNotFoundError) else ""
        place = lost if error.filename is None else str(error.filename)
        return f"{place}: {error.strerror}".removeprefix(": ")
    return f"{type(error).__name__}: {error}"


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
    return (ast.get_docstring(ast.parse(source)) or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
