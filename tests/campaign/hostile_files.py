"""Files of answers that no course should meet: above, in and beside the exercises.

``HEADS`` stand above a chapter's exercises, of which the first is wrong; ``TEXTS`` make
another file of it; ``BESIDE`` are files beside it. They may cost their own chapter.
"""

import codecs

HEADS = {
    "default dtype": "import torch; torch.set_default_dtype(torch.float64)",
    "default device": "import torch; torch.set_default_device('meta')",
    "math is gone": "import sys; sys.modules['math'] = None",
    "numpy raises": "import numpy; numpy.seterr(all='raise')",
    "numpy replaced": "import numpy as n; n.exp = n.log = n.where = n.isfinite = abs",
    "torch replaced": "import torch; torch.logsigmoid = torch.Tensor.exp = abs",
    "builtins deleted": "import builtins; del builtins.len, builtins.print",
    "builtins emptied": "import builtins; vars(builtins).clear()",
    "builtins replaced": "import builtins; builtins.abs = builtins.max = lambda *a: 0",
    "modules emptied": "import sys; sys.modules.clear()",
    "imports fail": "import sys; sys.meta_path.clear(); sys.path.clear()",
    "warnings as errors": "import warnings; warnings.simplefilter('error')",
    "traces": "import sys; sys.settrace(lambda *_: 1 / 0)",
    "recursion": "import sys; sys.setrecursionlimit(50)",
    "another folder": "import os; os.chdir('/')",
    "stdout closed": "import sys; sys.stdout.close()",
    "descriptors closed": "import os; os.closerange(0, 100)",
    "words to every descriptor": "import os\nfor n in range(40):\n    try: "
    "os.write(n, b'[]\\n\\xff')\n    except OSError: pass",
    "prints without end": "while True: print('x' * 1000)",
    "never loads": "while True: pass",
    "os._exit": "import os; os._exit(0)",
    "exits": "raise SystemExit('gone')",
    "BaseException": "raise BaseException('gone')",
    "GeneratorExit": "raise GeneratorExit",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "input": "input('name? ')",
    "breakpoint": "breakpoint()",
    "unknown module": "import no_such_module",
    "from this course": "from solutions import *",
    "leaves threads": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(1000,)).start()",
    "at exit": "import atexit, time; atexit.register(time.sleep, 1000)",
    "memory": "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))",
    "no processes": "import resource as r; r.setrlimit(r.RLIMIT_NPROC, (0, 0))",
    "little time": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n"
    "while True: pass",
    "signals": "import signal; signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
    "while True: pass",
    "hides itself": "import sys; sys.modules[__name__] = 3",
    "not a function": "preference_probability = 3",
    "__getattr__": "def __getattr__(name): raise RuntimeError(name)",
}


def _bytes(encoding: str, mark: bytes = b""):
    return lambda text: mark + text.encode(encoding)


def _twice(text: str) -> bytes:
    """The answer, and below it another function of its name."""
    again = "\n\ndef preference_probability(reward_i, reward_j):\n    return 0.5\n"
    return (text + again).encode()


def _replaced(old: str, new: str):
    return lambda text: text.replace(old, new).encode()


DEF = "def preference_probability(reward_i, reward_j):"

TEXTS = {
    "BOM": _bytes("utf-8-sig"),
    "UTF-16": _bytes("utf-16"),
    "UTF-16 without a mark": _bytes("utf-16-le"),
    "UTF-32": _bytes("utf-32"),
    "latin-1": lambda text: text.encode() + b"\n# \xe4\n",
    "an encoding that is none": lambda text: b"# coding: nonsense\n" + text.encode(),
    "an encoding that it does not have": lambda t: (
        b"# coding: ascii\n# \xc3\xa4\n" + t.encode()
    ),
    "UTF-7": lambda text: b"# coding: utf-7\n" + text.encode("utf-7"),
    "a NUL": lambda text: text.encode() + b"\0",
    "all NUL": lambda text: bytes(len(text)),
    "CR": _replaced("\n", "\r"),
    "mixed ends": lambda text: text.replace("\n", "\r\n", 20).encode(),
    "tabs": _replaced("    ", "\t"),
    "tabs and spaces": lambda text: text.replace("    ", "\t", 3).encode(),
    "U+2028": lambda text: codecs.BOM_UTF8 + f'X = "a\u2028b\x0c"\n{text}'.encode(),
    "empty": lambda text: b"",
    "no function": lambda text: b"pass\n",
    "half": lambda text: text.encode()[:700],
    "not Python": lambda text: b"\x7fELF" + bytes(range(256)) * 20,
    "deep": lambda text: b"(" * 5_000 + b")" * 5_000,
    "deep operators": lambda text: b"x = " + b"-" * 100_000 + b"1\n" + text.encode(),
    "one long line": lambda text: text.encode() + b"\nX = '" + b"x" * 10**7 + b"'\n",
    "twice": _twice,
    "in a class": _replaced(DEF, f"class Mine:\n  {DEF}"),
    "asynchronous": _replaced(DEF, f"async {DEF}"),
    "a decorator that gives None": _replaced(DEF, f"@lambda f: None\n{DEF}"),
    "a decorator that raises": _replaced(DEF, f"@lambda f: 1 / 0\n{DEF}"),
    "a decorator that answers anything": _replaced(
        DEF,
        f"@type('Any', (), dict(__init__=lambda *a: None, __call__=lambda *a: 0.25"
        f", __getattr__=lambda *a: 0.25))\n{DEF}",
    ),
    "another signature": _replaced("reward_i, reward_j", "*, reward_i, reward_j"),
    "a signature that raises": lambda text: (
        text.encode() + b"\npreference_probability.__signature__ = 3\n"
    ),
    "another name inside": lambda text: (
        text.encode() + b"\npreference_probability.__name__ = 'x\\x1b[2J'\n"
    ),
    "deleted at the end": lambda text: (
        text.encode() + b"\ndel preference_probability\n"
    ),
    "a built-in function": lambda text: (
        text.encode() + b"\npreference_probability = max\n"
    ),
}

BESIDE = {
    name: "raise RuntimeError('this is not the library')\n"
    for name in (
        *("random.py", "numpy.py", "json.py", "copy.py", "math.py", "types.py"),
        *("dpo_edu.py", "sitecustomize.py", "usercustomize.py", "torch/__init__.py"),
        *("signal.py", "encodings.py", "pytest.py", "kept/01_bradley_terry.py"),
    )
}
