"""What a learner's code may disturb around itself, and how it is put back.

Checks run ``undisturbed``: seeds, default dtypes and settings are as they were before,
and every check starts from the same random states. The course's own wrong answers run
in the surroundings as they were before the learner's file was loaded, whatever that
file has replaced in numpy or torch. What is printed goes into a ``Capture``.
"""

import builtins
import decimal
import io
import operator
import os
import random
import sys
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout

import numpy as np
from numpy import random as numpy_random  # else loaded when asked for, and forgotten

MOST_CHARACTERS = 100_000
LINES_SHOWN, WIDTH_SHOWN = 3, 70
LIBRARIES = ("builtins", "math", "copy", "numpy", "numpy.linalg", "numpy.random",
             "sympy", "torch", "torch.nn.functional")  # fmt: skip
DTYPE_UNDONE = (
    "torch.set_default_dtype at the top of the file does not reach the checks: give "
    "dtype= where you make a tensor"
)


class TooMuchOutput(BaseException):
    """Printed more than the cap; not an Exception, so that no `except` hides it."""


class Capture(io.StringIO):
    """Keeps what is printed and stops whoever prints without end."""

    def write(self, text: str) -> int:
        """Refuse, with an exception that no `except Exception` hides, above the cap."""
        if self.tell() + len(text) > MOST_CHARACTERS:
            raise TooMuchOutput
        return super().write(text)

    def take(self) -> str:
        """The first lines printed since the last call."""
        lines = [line[:WIDTH_SHOWN] for line in self.getvalue().splitlines()]
        self.seek(0)
        self.truncate()
        more = [f"... and {len(lines) - LINES_SHOWN} more lines"]
        return "\n".join(lines[:LINES_SHOWN] + more * (len(lines) > LINES_SHOWN))


@contextmanager
def captured():
    """Keep what is printed inside, on both streams, in a ``Capture``."""
    capture = Capture()
    with redirect_stdout(capture), redirect_stderr(capture):
        yield capture


@contextmanager
def silent():
    """``undisturbed``, and what is printed inside is not kept."""
    with undisturbed(), captured():
        yield


@contextmanager
def undisturbed():
    """Fixed seeds and silent warnings inside; everything as it was afterwards.

    Torch is restored only if it is loaded: numpy chapters need not wait for it.
    """
    folder, python = os.getcwd(), random.getstate()
    numeric, torch_state = numpy_random.get_state(), _torch_state()
    decimals = decimal.localcontext()
    with warnings.catch_warnings(), np.errstate(), np.printoptions(), decimals:
        warnings.simplefilter("ignore")
        _seed(0)
        try:
            yield
        finally:
            os.chdir(folder)
            random.setstate(python)
            numpy_random.set_state(numeric)
            _restore_torch(torch_state)


def _seed(seed: int) -> None:
    """The same random states on every machine and in every run."""
    random.seed(seed)
    numpy_random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)  # no CUDA asked


def _torch_state():
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    settings = torch.get_default_dtype(), torch.get_default_device()
    return torch.get_rng_state(), *settings, torch.is_grad_enabled()


def _restore_torch(state) -> None:
    if state is not None:
        torch = sys.modules["torch"]
        torch.set_rng_state(state[0])
        torch.set_default_dtype(state[1])
        if torch.get_default_device() != state[2]:  # setting it slows every call down
            torch.set_default_device(state[2])
        torch.set_grad_enabled(state[3])


class Surroundings:
    """What the interpreter is like now; ``restored()`` brings that back for a while."""

    def __init__(self):
        """Remember what the libraries hold, and the settings."""
        self.builtins = dict(vars(builtins))
        self.modules = {n: sys.modules[n] for n in LIBRARIES if n in sys.modules}
        self.contents = [(place, dict(vars(place))) for place in _places()]
        self.checks = [(place, dict(vars(place))) for place in _of_the_checks()]
        self.errors, self.torch_state = np.geterr(), _torch_state()

    def replaced(self) -> list[str]:
        """Names in builtins and libraries that are gone or mean something else."""
        return [
            f"{content.get('__name__', 'torch.Tensor')}.{name}"  # a class has it not
            for place, content in (*self.contents, *self.checks)
            for name, thing in content.items()
            if vars(place).get(name) is not thing and not name.startswith("__")
        ]

    def put_back(self) -> str:
        """Make everything as remembered, for good.

        Returns a remark where somebody may have counted on what is put back.
        """
        builtins.__dict__.update(self.builtins)  # names without which nothing goes
        sys.modules.update(self.modules)
        for place, content in (*self.contents, *self.checks):
            for name in _put_back(place, content)[1]:
                delattr(place, name)
        np.seterr(**self.errors)
        torch = sys.modules.get("torch")
        if torch is None or self.torch_state is None:
            return ""
        changed = torch.get_default_dtype() != self.torch_state[1]
        _restore_torch(self.torch_state)
        return DTYPE_UNDONE if changed else ""

    @contextmanager
    def restored(self):
        """Inside, everything is as remembered, seeds are fixed, and nothing prints."""
        with ExitStack() as stack:
            stack.enter_context(silent())
            stack.enter_context(np.errstate(**self.errors))
            for place, content in self.contents:
                if not _holds(place, content):
                    stack.enter_context(_holding(place, content))
            _restore_torch(self.torch_state)
            _seed(0)
            yield


def _places() -> list:
    """The modules, and the class of tensors, that wrong answers are written with."""
    places = [sys.modules[name] for name in LIBRARIES if name in sys.modules]
    torch = sys.modules.get("torch")
    return [*places, torch.Tensor] if torch else places


def _holds(place, content: dict) -> bool:
    """Whether a module or class holds just what it held; asked thousands of times."""
    present = vars(place).values()
    alike = map(operator.is_, present, content.values())
    return len(present) == len(content) and all(alike)


def _of_the_checks() -> list:
    """The modules that checks run through: a frame's globals lie open to everybody."""
    package = f"{__package__}."
    own = [module for n, module in sys.modules.items() if n.startswith(package)]
    return [random, os, *own]


@contextmanager
def _holding(place, content: dict):
    """Inside, a module or class holds what it held.

    What has been added stays in a module, which may load parts of itself when needed,
    but not in a class, where it would hide what the class inherits.
    """
    now = dict(vars(place))
    replaced, added = _put_back(place, content)
    for name in added:
        delattr(place, name)
    try:
        yield
    finally:
        for name in (*replaced, *added):
            setattr(place, name, now[name]) if name in now else delattr(place, name)


def _put_back(place, content: dict) -> tuple[list[str], list[str]]:
    """Set what was replaced in a module or class; returns its names, and new ones."""
    if _holds(place, content):
        return [], []
    now = dict(vars(place))
    replaced = [name for name, value in content.items() if now.get(name) is not value]
    for name in replaced:
        setattr(place, name, content[name])
    added = now.keys() - content.keys() if isinstance(place, type) else ()
    return replaced, [*added]
