"""Load a learner's file, whose name starts with a digit, as a module."""

import sys
import types
from pathlib import Path


def load_file(path: Path) -> types.ModuleType:
    """Run the file as a module of its own; it leaves no __pycache__ behind.

    Whatever the file raises, SyntaxError and SystemExit included, is passed on.
    """
    name = f"learner_{path.stem}"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look themselves up there
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module
