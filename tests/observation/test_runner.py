"""A script under isograd against the same script under python: what it sees of itself, and how it ends."""

import re
import zipapp

import pytest
from tests.faithful import Twins

SEES = """
    import sys
    print(sys.argv, sys.path[0], len(sys.path), __name__, __file__, __package__, __spec__, __cached__, __doc__)
    print(list(globals()), type(__builtins__), type(__loader__), __loader__.path, __annotations__)
    import __main__
    print(__main__.__dict__ is globals(), sys.modules["__main__"] is __main__)
    print([name for name in ("torch", "numpy", "rich", "jinja2", "sqlite3") if name in sys.modules])
"""


@pytest.fixture
def twins(tmp_path) -> Twins:
    return Twins(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        ("see.py",),
        ("./see.py", "--lr", "0.1", "-x", "--", "--quiet", "--help"),
        ("sub/../see.py", "--out", "a b", ""),
        ("with space/한글 스크립트.py", "가"),
        ("link.py",),
    ],
)
def test_a_script_sees_itself_as_under_python(twins: Twins, command: tuple[str, ...]) -> None:
    twins.write("see.py", SEES)
    twins.write("with space/한글 스크립트.py", SEES)
    (twins.folder / "sub").mkdir()
    (twins.folder / "link.py").symlink_to(twins.folder / "with space" / "한글 스크립트.py")
    assert twins.same(*command).status == 0


@pytest.mark.parametrize("name", ["package", "package.train", "single", "package.sub"])
def test_a_module_sees_itself_as_under_python(twins: Twins, name: str) -> None:
    sees = """
        import sys
        print(sys.argv, sys.path[0], len(sys.path), __name__, __file__, __package__, __spec__.name, __cached__, __doc__)
        print(list(globals()), type(__builtins__))
    """
    relative = "from . import helper\nprint(helper.__name__)\n"
    twins.write("single.py", sees)
    twins.write("package/__init__.py", "import sys; print('imported', sys.argv)")
    twins.write("package/helper.py", "")
    twins.write("package/train.py", sees).open("a").write(relative)
    twins.write("package/__main__.py", sees).open("a").write(relative)
    twins.write("package/sub/__init__.py", "")
    twins.write("package/sub/__main__.py", sees)
    assert twins.same("-m", name, "--lr", "1", "-q").status == 0


@pytest.mark.parametrize("path", ["app", "./app/", "."])
def test_a_folder_with_a_main_runs_as_under_python(twins: Twins, path: str) -> None:
    twins.write("app/__main__.py", "import sys, helper; print(sys.argv, sys.path[0], __spec__.name, __package__)")
    twins.write("app/helper.py", "")
    assert twins.same(path, "1", cwd=twins.folder / "app" if path == "." else twins.folder).status == 0


def test_a_zip_file_with_a_main_runs_as_under_python(twins: Twins) -> None:
    twins.write("app/__main__.py", "import sys\nprint(sys.argv, sys.path[0])\n1 / 0")
    zipapp.create_archive(twins.folder / "app", twins.folder / "app.data")
    assert twins.same("app.data").status == 1


def test_safe_path_keeps_the_scripts_folder_out(twins: Twins) -> None:
    twins.write("see.py", SEES)
    assert str(twins.folder) + " " not in twins.same("see.py", env={"PYTHONSAFEPATH": "1"}).stdout.replace("'", "")


ENDS = {
    "well": "print('done')",
    "guard": "if __name__ == '__main__': print('main')",
    "raises": "def f():\n    raise ValueError('a\\nb')\nprint('before')\nf()",
    "raises at once": "1 / 0",
    "chained": """
        def f():
            try:
                {}['a']
            except KeyError as error:
                raise RuntimeError('first') from error
        try:
            f()
        except RuntimeError:
            raise OSError(2, 'no')
    """,
    "group": "raise ExceptionGroup('two', [ValueError(1), KeyError('k')])",
    "noted": "error = ValueError(1); error.add_note('a note'); raise error",
    "recursion": "def f(): f()\nf()",
    "syntax error in an import": "import broken",
    "missing import": "import nowhere_to_be_found",
    "exit": "import sys; sys.exit()",
    "exit 0": "raise SystemExit(0)",
    "exit 7": "import sys; sys.exit(7)",
    "exit 300": "import sys; sys.exit(300)",
    "exit -1": "import sys; sys.exit(-1)",
    "exit True": "import sys; sys.exit(True)",
    "exit message": "import sys; sys.exit('no 데이터')",
    "exit object": "import sys; sys.exit([1, 2])",
    "exit from a nested call": "import sys\ntry:\n    sys.exit(3)\nfinally:\n    print('finally')",
    "os._exit": "import os; print('lost?', flush=True); os._exit(5)",
    "abort": "import os, signal; os.kill(os.getpid(), signal.SIGABRT)",
    "hook": """
        import sys
        sys.excepthook = lambda *a: print('hook', a[0], a[1], a[2].tb_lineno, sys.last_value is a[1])
        1 / 0
    """,
    "hook that fails": "import sys\ndef hook(*a):\n    raise KeyError('in hook')\nsys.excepthook = hook\n1 / 0",
    "hook that exits": "import sys\nsys.excepthook = lambda *a: sys.exit(9)\n1 / 0",
    "no hook": "import sys\nsys.excepthook = sys.__excepthook__\n1 / 0",
    "traceback of its own": "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
    "traceback limit": "import sys\nsys.tracebacklimit = 1\ndef f(): 1 / 0\nf()",
    "warnings": """
        import warnings
        warnings.warn('here')
        warnings.warn('shown in main only', DeprecationWarning)
        def f(): warnings.warn('caller', stacklevel=2)
        f()
        x = 1 is 1
    """,
    "atexit": """
        import atexit, threading, time
        atexit.register(lambda: print('second', __name__))
        atexit.register(print, 'first')
        def late(): time.sleep(0.2); print('thread', __name__)
        threading.Thread(target=late).start()
        print('main is done')
    """,
    "atexit after an error": "import atexit, sys\natexit.register(lambda: print('at exit', sys.last_type))\n1 / 0",
    "thread that fails": """
        import threading
        def f(): raise ValueError('in thread')
        thread = threading.Thread(target=f, name='worker'); thread.start(); thread.join()
        print('main goes on')
    """,
    "exit in a thread": "import threading, sys\nt = threading.Thread(target=sys.exit, args=(4,)); t.start(); t.join()",
    "stdin": "import sys; print(sys.stdin.read().upper(), input.__name__)",
    "streams": "import sys; print(sys.stdout.encoding, sys.stderr.errors); sys.stderr.write('partial')",
    "closes stdout": "import sys; print('x'); sys.stdout.close()",
    "closes stderr": "import sys; print('x'); sys.stderr.close()",
    "replaces streams": "import io, sys; sys.stdout = sys.stderr = io.StringIO(); print('unseen'); 1 / 0",
    "removes its folder": "import os, sys\nos.mkdir('x'); os.chdir('x'); os.rmdir('../x'); print(sys.path[0])\n1 / 0",
    "no future of ours": "import typing\nclass A:\n    x: int\nprint(A.__annotations__, typing.get_type_hints(A))",
    "deletes itself": "import sys; del sys.modules['__main__']; print(__name__)",
    "forks": "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')",
    "forks and fails": "import os\npid = os.fork()\nif pid: print(os.waitpid(pid, 0)[1])\nelse: 1 / 0",
    "finaliser": "class A:\n    def __del__(self): print('gone', __name__)\na = A()",
    "pickles its class": """
        import dataclasses, inspect, pickle, typing
        @dataclasses.dataclass
        class Config:
            depth: "int" = 3
        print(pickle.loads(pickle.dumps(Config(4))), Config.__module__, typing.get_type_hints(Config))
        print(inspect.getsource(Config), inspect.getsourcefile(Config), inspect.getmodule(Config).__name__)
    """,
    "loops over threads": "import concurrent.futures as c\nprint(list(c.ThreadPoolExecutor(2).map(abs, [-1, 2])))",
}


@pytest.mark.parametrize("name", ENDS)
def test_a_script_ends_as_under_python(twins: Twins, name: str) -> None:
    twins.write("ends.py", ENDS[name])
    twins.write("broken.py", "def f(:\n")
    if name == "recursion":  # Python counts what it leaves out, and a few of the frames are isograd's
        uncounted = [re.sub(r"\d+ more times", "", left("ends.py").stderr) for left in (twins.plain, twins.watched)]
        assert uncounted[0] == uncounted[1]
        return
    twins.same("ends.py", **({"input": "line\nand more"} if name == "stdin" else {}))


@pytest.mark.parametrize("name", ["raises", "chained", "exit 7", "missing import"])
def test_a_module_ends_as_under_python(twins: Twins, name: str) -> None:
    twins.write("ends.py", ENDS[name])
    twins.same("-m", "ends")


def test_an_encoding_declaration_holds(twins: Twins) -> None:
    (twins.folder / "latin.py").write_bytes("# -*- coding: latin-1 -*-\nprint('é', len('é'))\n".encode("latin-1"))
    assert twins.same("latin.py").stdout == "é 1\n"


def test_a_shebang_and_a_byte_order_mark_are_no_hindrance(twins: Twins) -> None:
    (twins.folder / "bom.py").write_bytes(b"\xef\xbb\xbf#!/usr/bin/env python\nprint('bom')\n")
    assert twins.same("bom.py").stdout == "bom\n"


def test_interpreter_options_reach_the_script(twins: Twins) -> None:
    twins.write(
        "opt.py", "import sys, warnings; assert False, 'not under -O'; print(sys.flags.optimize, sys.warnoptions)"
    )
    plain, watched = twins.commands("opt.py")
    for command in (plain, watched):
        command[1:1] = ["-O", "-W", "ignore"]
    assert twins.start(plain).communicate() == twins.start(watched).communicate() == ("1 ['ignore']\n", "")
