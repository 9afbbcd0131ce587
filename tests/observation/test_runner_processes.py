"""Signals, pipes and child processes: under isograd as under python."""

import signal
import subprocess
import textwrap

import pytest
from tests.faithful import Twins, interrupt


@pytest.fixture
def twins(tmp_path) -> Twins:
    return Twins(tmp_path)


WAITS = "import time\nprint('ready', flush=True)\ntime.sleep(60)"
STRIKES = {
    "plain": "strike()",
    "nested": """
        def f():
            try:
                strike()
            finally:
                print('cleaned up')
        f()
    """,
    "caught": """
        try:
            strike()
        except KeyboardInterrupt:
            print('caught')
    """,
    "at exit": """
        import atexit
        def late():
            print('at exit', sys.excepthook is sys.__excepthook__, sys.last_traceback.tb_frame.f_globals is globals())
        atexit.register(late)
        strike()
    """,
    "hook": """
        sys.excepthook = lambda *a: print('hook', a[0])
        strike()
    """,
    "handler": """
        signal.signal(signal.SIGINT, lambda *a: exit(9))
        strike()
    """,
    "ignored": """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        strike()
        print('on')
    """,
    "subclass": """
        class Stop(KeyboardInterrupt): pass
        try:
            strike()
        except KeyboardInterrupt:
            raise Stop('now')
    """,
}


@pytest.mark.parametrize("module", [False, True])
@pytest.mark.parametrize("name", STRIKES)
def test_an_interrupt_ends_a_script_as_under_python(twins: Twins, name: str, module: bool) -> None:
    preamble = "import signal, sys\ndef strike(): signal.raise_signal(signal.SIGINT)\n"
    twins.write("struck.py", preamble + textwrap.dedent(STRIKES[name]))
    left = twins.same(*(("-m", "struck") if module else ("struck.py",)))
    if name in ("plain", "nested", "at exit", "hook"):
        assert left.status == -signal.SIGINT


def test_ctrl_c_from_outside_kills_by_the_signal(twins: Twins) -> None:
    twins.write("waits.py", WAITS)
    left = [interrupt(twins.start(command)) for command in twins.commands("waits.py")]
    assert [one.status for one in left] == [-signal.SIGINT] * 2
    assert left[1].stderr.splitlines()[-1] == "KeyboardInterrupt"
    assert "isograd" not in left[1].stderr


def test_sigterm_kills_as_under_python(twins: Twins) -> None:
    twins.write("waits.py", WAITS)
    for command in twins.commands("waits.py"):
        process = twins.start(command)
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert (process.communicate()[1], process.returncode) == ("", -signal.SIGTERM)


PIPES = {
    "many lines": "for i in range(100_000): print(i)",
    "a line left in the buffer": "import sys, time\nprint('first', flush=True)\nsys.stdin.readline()\nprint('second')",
    "unbuffered": "import sys\nfor i in range(100_000): print(i, flush=True)",
}


@pytest.mark.parametrize("name", PIPES)
def test_a_reader_that_leaves_is_met_as_under_python(twins: Twins, name: str) -> None:
    twins.write("pipes.py", PIPES[name])
    left = []
    for command in twins.commands("pipes.py"):
        process = twins.start(command, stdin=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdin.close()
        left.append((process.stderr.read(), process.wait(60)))
    assert left[0] == left[1]
    assert "BrokenPipeError" in left[0][0]


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_a_closed_stream_is_met_as_under_python(twins: Twins, closed: str) -> None:
    twins.write("streams.py", "import sys\nprint(sys.stdout is None, sys.stderr is None, sys.stdin is None)\n1 / 0")
    plain, watched = (
        twins.start(["sh", "-c", f'"$@" {closed}', "sh", *command]) for command in twins.commands("streams.py")
    )
    assert (plain.communicate(), plain.returncode) == (watched.communicate(), watched.returncode)


SPAWNS = """
    import multiprocessing, os, pickle, sys

    class Job:
        def __init__(self, n):
            self.n = n

        def __call__(self, queue):
            name = os.path.basename(__file__)
            queue.put((self.n * 2, __name__, name, sys.argv[1:], sys.path[0], "isograd" in sys.modules))

    def work(n):
        return Job(n).n + 1

    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        queue = context.Queue()
        process = context.Process(target=Job(21), args=(queue,))
        process.start()
        print(*queue.get()[:5])
        process.join()
        with context.Pool(2) as pool:
            print(pool.map(work, range(4)), process.exitcode)
"""


@pytest.mark.parametrize("module", [False, True])
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_multiprocessing_works_as_under_python(twins: Twins, method: str, module: bool) -> None:
    twins.write("spawns.py", SPAWNS)
    left = twins.same(*(("-m", "spawns") if module else ("spawns.py",)), method)
    assert left.status == 0
    assert "[1, 2, 3, 4] 0" in left.stdout


def test_a_spawned_child_runs_without_isograd(twins: Twins) -> None:
    twins.write("spawns.py", SPAWNS.replace("queue.get()[:5]", "queue.get()"))
    assert "False" in twins.watched("spawns.py", "spawn").stdout


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_child_that_fails_says_so_as_under_python(twins: Twins, method: str) -> None:
    twins.write(
        "fails.py",
        f"""
        import multiprocessing
        def fail(): raise ValueError("in the child")
        if __name__ == "__main__":
            process = multiprocessing.get_context("{method}").Process(target=fail, name="child")
            process.start(); process.join(); print(process.exitcode)
        """,
    )
    left = [twins.plain("fails.py"), twins.watched("fails.py")]
    assert left[0] == left[1]


def test_a_process_pool_executor_works_as_under_python(twins: Twins) -> None:
    twins.write(
        "pool.py",
        """
        import concurrent.futures, multiprocessing
        def square(n): return n * n
        if __name__ == "__main__":
            context = multiprocessing.get_context("spawn")
            with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                print(list(pool.map(square, range(5))))
        """,
    )
    assert twins.same("pool.py").stdout == "[0, 1, 4, 9, 16]\n"
