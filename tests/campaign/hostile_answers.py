"""Answers that no course should meet: what stands in one function, by title.

All are wrong. They may cost their own exercise, and nothing else.
"""

BODIES = {
    # It leaves, or never comes back.
    "exit": "import sys; sys.exit()",
    "exit with words": "import sys; sys.exit('gone')",
    "quit": "quit()",
    "os._exit": "import os; os._exit(0)",
    "abort": "import os; os.abort()",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "interrupts itself": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "stops itself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "becomes another program": "import os; os.execvp('true', ['true'])",
    "endless loop": "while True: pass",
    "endless loop that catches all": """\
        while True:
            try:
                while True: pass
            except BaseException: pass""",
    "endless loop in C": "return sum(iter(int, 1))",
    "sleeps": "import time; time.sleep(1000)",
    "waits for a lock": "import threading; lock = threading.Lock()\n"
    "lock.acquire(); lock.acquire()",
    "waits for input": "return float(input('how much? '))",
    "reads stdin": "import sys; return float(sys.stdin.read())",
    "breakpoint": "breakpoint()\nreturn 0.25",
    "post mortem": "import pdb; pdb.set_trace()\nreturn 0.25",
    "forks": "import os; os.fork(); return 0.25",
    "forks and waits for ever": "import os, time\nif os.fork() == 0: time.sleep(1000)\n"
    "os.wait()",
    "leaves a process": "import subprocess, sys\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
    "return 0.25",
    "leaves threads": """\
        import threading, time
        def work():
            while True: time.sleep(0.01)
        threading.Thread(target=work).start()
        threading.Thread(target=work, daemon=True).start()
        return 0.25""",
    "ignores signals": "import signal\nfor n in (2, 15): "
    "signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
    "alarm": "import signal, time; signal.alarm(1); time.sleep(3)",
    # It takes what there is.
    "recursion": "return preference_probability(reward_i, reward_j)",
    "recursion without a limit": "import sys; sys.setrecursionlimit(10**8)\n"
    "return preference_probability(reward_i, reward_j)",
    "a limit of recursion too low": "import sys; sys.setrecursionlimit(60)\n"
    "return 0.25",
    "prints without end": "while True: print('x' * 1000)",
    "prints a long line": "print('x' * 10**8)",
    "prints without end, catching all": """\
        while True:
            try: print('x' * 1000)
            except BaseException: pass""",
    "much memory": """\
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
        return [bytearray(2**28) for _ in range(100)]""",
    "an array too large": "return np.ones((10**7, 10**7))",
    "a number too large": "return 10**5000",
    # It raises what nobody expects.
    "BaseException": "raise BaseException",
    "a class of BaseException": "class Mine(BaseException): pass\nraise Mine('gone')",
    "GeneratorExit": "raise GeneratorExit",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "StopIteration": "raise StopIteration",
    "MemoryError": "raise MemoryError",
    "exception group": "raise BaseExceptionGroup('', [KeyboardInterrupt()])",
    "an exception whose words raise": """\
        class Mine(Exception):
            def __str__(self): raise Mine
            __repr__ = __str__
        raise Mine""",
    "half a character in words": "raise ValueError('\\ud800 \\x1b[2J \\0')",
    "an exception of a million letters": "raise ValueError('x' * 10**6)",
    "an exception of many lines": "raise ValueError('x\\n' * 1000)",
    "a chain of exceptions": """\
        error = ValueError()
        error.__cause__ = error
        raise error""",
    "a stub's error": "raise NotImplementedError('no such thing')",
    # It returns what cannot be used or shown.
    "a list that holds itself": "x = []; x.append(x); return x",
    "a list 5,000 deep": "x = 0.25\nfor _ in range(5000): x = [x]\nreturn x",
    "a dictionary that holds itself": "x = {}; x[1] = x; return x",
    "a generator": "yield 0.25",
    "an endless generator": "return iter(int, 1)",
    "a coroutine": "async def f(): return 0.25\nreturn f()",
    "a module": "return np",
    "a class": "return float",
    "itself": "return preference_probability",
    "an array of itself": "a = np.empty(1, object); a[0] = a; return a",
    "a masked array": "return np.ma.masked",
    "nan with a payload": "return np.uint64(0x7ff8_0000_dead_beef).view(np.float64)",
    "text": "return '0.25\\ud800\\x1b[2J'",
    **{
        f"{name} raises": f"class Odd(float):\n    def {name}(self, *rest): raise "
        "RuntimeError('no')\nreturn Odd(0.25)"
        for name in (
            *("__repr__", "__str__", "__format__", "__eq__", "__float__", "__hash__"),
            *("__bool__", "__len__", "__iter__", "__array__", "__getattribute__"),
            *("__sub__", "__abs__", "__reduce_ex__", "__instancecheck__"),
        )
    },
    "equal to everything": """\
        class Odd(float):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __lt__ = __gt__ = __le__ = __ge__ = __eq__
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __hash__(self): return 0
        return Odd(0.25)""",
    "an array equal to everything": """\
        class Odd(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *given, **named): return True
            def __array_function__(self, function, *given): return True
        return np.array(0.25).view(Odd)""",
    "never shown to the end": """\
        class Odd:
            def __repr__(self):
                while True: pass
        return Odd()""",
    "another class's name": """\
        class Odd:
            __class__ = float
            def __float__(self): return 0.25
        return Odd()""",
    # It changes what is around it, and is wrong.
    "builtins deleted": "import builtins; del builtins.len, builtins.isinstance\n"
    "return 0.25",
    "builtins emptied": "import builtins; vars(builtins).clear(); return 0.25",
    "numpy replaced": "np.isfinite = np.abs = np.all = np.allclose = "
    "lambda *a, **k: True; return 0.25",
    "numpy raises": "np.seterr(all='raise'); return 0.25",
    "numpy emptied": "vars(np).clear(); return 0.25",
    "modules emptied": "import sys; sys.modules.clear(); return 0.25",
    "math is gone": "import sys; sys.modules['math'] = None; return 0.25",
    "imports fail": "import sys; sys.meta_path.clear(); sys.path.clear()\nreturn 0.25",
    "the import statement replaced": "import builtins\n"
    "builtins.__import__ = lambda *a, **k: 1 / 0\nreturn 0.25",
    "warnings as errors": "import warnings; warnings.simplefilter('error')\n"
    "return 0.25",
    "traces": """\
        import sys
        def stop(*_): raise RuntimeError('traced')
        sys.settrace(stop); sys.setprofile(stop)
        return 0.25""",
    "at exit": "import atexit, os; atexit.register(os._exit, 7); return 0.25",
    "an except hook": "import sys; sys.excepthook = sys.unraisablehook = None\n"
    "return 0.25",
    "another folder": "import os; os.chdir('/'); return 0.25",
    "a folder that is gone": "import os, tempfile; p = tempfile.mkdtemp()\n"
    "os.chdir(p); os.rmdir(p); return 0.25",
    "environment": "import os; os.environ.clear(); os.umask(0o777); return 0.25",
    "locale": "import locale, decimal; decimal.getcontext().prec = 1\n"
    "locale.setlocale(locale.LC_ALL, 'C'); return 0.25",
    "stdout closed": "import sys; sys.stdout.close(); return 0.25",
    "stdout is None": "import sys; sys.stdout = sys.stderr = None; return 0.25",
    "stdout is a number": "import sys; sys.stdout = 7\nprint('x'); return 0.25",
    "descriptors closed": "import os; os.closerange(0, 100); return 0.25",
    "events forged": """\
        import json, os
        result = {"exercise": "preference_probability", "verdict": "done"}
        event = {"event": "result", "chapter": "01_bradley_terry", "result": result}
        for number in range(3, 40):
            try: os.write(number, (json.dumps(event) + "\\n").encode())
            except OSError: pass
        return 0.25""",
    "words to every descriptor": """\
        import os
        for number in range(40):
            try: os.write(number, b'hello \\xff \\x00 {"event": 3}\\n[1]\\n')
            except OSError: pass
        return 0.25""",
    "control characters printed": "print('\\x1b[2J\\x07\\x08\\x9b\\u202e\\ud800')\n"
    "return 0.25",
    "the time stands still": "import time; time.monotonic = time.time = "
    "lambda: 0.0; return 0.25",
    "random numbers replaced": "import random; random.seed = random.getstate = None\n"
    "np.random.seed = np.random.set_state = None; return 0.25",
    "garbage": "import gc; gc.enable(); gc.set_threshold(1); gc.freeze()\nreturn 0.25",
    "the checks replaced": """\
        import sys
        for name, module in [*sys.modules.items()]:
            if name.startswith('dpo_edu') or name == '__main__':
                for key, value in [*vars(module).items()]:
                    if callable(value): setattr(module, key, lambda *a, **k: None)
        return 0.25""",
    "the frame above": "import sys; sys._getframe(1).f_locals.clear()\n"
    "sys._getframe(1).f_globals.clear(); return 0.25",
    "its own file deleted": "import os; os.unlink(__file__); return 0.25",
    "arguments replaced": "reward_i = reward_j = None; return 0.25",
}
"""Of ``preference_probability(reward_i, reward_j)``."""

TENSOR_BODIES = {
    "default dtype": "torch.set_default_dtype(torch.float16); return logp_chosen.sum()",
    "default device": "torch.set_default_device('meta'); return logp_chosen.sum()",
    "no gradient for good": "torch.set_grad_enabled(False); return logp_chosen.sum()",
    "inference mode": "torch.inference_mode().__enter__(); return logp_chosen.sum()",
    "deterministic": "torch.use_deterministic_algorithms(True)\n"
    "torch.autograd.set_detect_anomaly(True); return logp_chosen.sum()",
    "torch replaced": "torch.isfinite = torch.allclose = torch.Tensor.backward = "
    "lambda *a, **k: True; return logp_chosen.sum()",
    "torch emptied": "vars(torch).clear(); return logp_chosen.sum()",
    "another class of tensors": """\
        class Odd(torch.Tensor):
            @classmethod
            def __torch_function__(cls, *rest): return True
        return logp_chosen.sum().as_subclass(Odd)""",
    "a tensor without memory": "return torch.empty((), device='meta')",
    "a sparse tensor": "return logp_chosen.to_sparse()",
    "a quantized tensor": "return torch.quantize_per_tensor(logp_chosen.float(), 1, 0, "
    "torch.qint8)",
    "a complex tensor": "return logp_chosen.sum() * 1j",
    "a parameter": "return torch.nn.Parameter(logp_chosen.detach().sum())",
    "a hook that raises": """\
        loss = logp_chosen.sum()
        loss.register_hook(lambda g: 1 / 0)
        return loss""",
    "a hook that never ends": """\
        loss = logp_chosen.sum()
        def stay(g):
            while True: pass
        loss.register_hook(stay)
        return loss""",
    "a graph used up": "loss = logp_chosen.pow(2).sum(); loss.backward(); return loss",
    "threads": "torch.set_num_threads(64); return logp_chosen.sum()",
    "modes of dispatch": """\
        from torch.overrides import TorchFunctionMode
        class Mode(TorchFunctionMode):
            def __torch_function__(self, *rest): raise RuntimeError('no')
        Mode().__enter__()
        return 0.25""",
    "tensors printed at length": "torch.set_printoptions(threshold=10**9)\n"
    "print(torch.zeros(10**6)); return logp_chosen.sum()",
}
"""Of ``dpo_loss``."""
