"""A program in a sandbox finds what it wrote, and the user's files stay as they are to the byte and the second."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

BEFORE = {"data.txt": "user's", "runs/old.ckpt": "old", "runs/log.csv": "a,b\n", "empty/.keep": "", "deep/a/b.txt": "b"}

CASES = {
    "overwrite and read back": """
        with open("data.txt", "w") as f: f.write("new")
        assert open("data.txt").read() == "new"
        assert open(here / "data.txt", "rb").read() == b"new"
        """,
    "append to a log": """
        for row in ("1,2", "3,4"):
            with open("runs/log.csv", "a", newline="") as f: f.write(row + "\\n")
        assert open("runs/log.csv").read() == "a,b\\n1,2\\n3,4\\n"
        """,
    "update in place": """
        with open("data.txt", "r+b") as f: f.seek(4); f.write(b"S")
        assert open("data.txt").read() == "userSs"
        """,
    "csv writer": """
        import csv
        with open("table.csv", "w", newline="") as f: csv.writer(f).writerows([[1, 2], [3, 4]])
        assert list(csv.reader(open("table.csv"))) == [["1", "2"], ["3", "4"]]
        """,
    "best checkpoint of many, old ones removed": """
        os.makedirs("runs", exist_ok=True)
        for _ in range(2): os.makedirs("runs/best", exist_ok=True)
        for epoch in range(4):
            with open(f"runs/{epoch}.ckpt", "w") as f: f.write(str(epoch))
            shutil.copyfile(f"runs/{epoch}.ckpt", "runs/best/model.ckpt")
            if epoch: os.remove(f"runs/{epoch - 1}.ckpt")
        os.remove("runs/old.ckpt")
        assert sorted(os.listdir("runs")) == ["3.ckpt", "best", "log.csv"]
        assert sorted(p.name for p in Path("runs").glob("*.ckpt")) == ["3.ckpt"]
        assert Path("runs/best/model.ckpt").read_text() == "3" and not os.path.exists("runs/old.ckpt")
        """,
    "atomic replacement": """
        with open("data.tmp", "w") as f: f.write("whole")
        os.replace("data.tmp", "data.txt")
        assert open("data.txt").read() == "whole" and not os.path.exists("data.tmp")
        """,
    "rename a folder of the user's": """
        os.rename("deep", "moved")
        assert Path("moved/a/b.txt").read_text() == "b" and not Path("deep").exists()
        os.mkdir("deep"); assert os.listdir("deep") == []
        """,
    "remove a tree and make it again": """
        shutil.rmtree("runs"); assert not os.path.exists("runs/log.csv"); assert "runs" not in os.listdir()
        os.makedirs("runs/a/b"); Path("runs/a/b/c").write_text("c")
        assert [p for p, *_ in os.walk("runs")] == ["runs", "runs/a", "runs/a/b"]
        assert not os.path.exists("runs/log.csv")
        """,
    "errors are those of the system": """
        def fails(kind, call, *args):
            try: call(*args)
            except kind: return
            raise AssertionError((kind, call, args))
        fails(FileNotFoundError, open, "nowhere/file", "w"); fails(FileNotFoundError, open, "nothing")
        fails(FileExistsError, os.mkdir, "runs"); fails(FileExistsError, open, "data.txt", "x")
        fails(OSError, os.rmdir, "runs"); fails(IsADirectoryError, open, "runs", "w")
        fails(FileNotFoundError, os.remove, "nothing"); fails(FileNotFoundError, os.rename, "nothing", "x")
        fails(NotADirectoryError, os.rmdir, "data.txt"); fails(FileExistsError, os.symlink, "x", "data.txt")
        os.remove("data.txt"); fails(FileNotFoundError, open, "data.txt"); fails(FileNotFoundError, os.stat, "data.txt")
        """,
    "low level, bytes and descriptors": """
        f = os.open(b"data.txt", os.O_WRONLY | os.O_TRUNC); os.write(f, b"low"); os.close(f)
        assert open("data.txt").read() == "low"
        d = os.open("runs", os.O_RDONLY)
        f = os.open("new.bin", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=d); os.write(f, b"x"); os.close(f)
        os.unlink("old.ckpt", dir_fd=d); os.close(d)
        assert sorted(os.listdir(b"runs")) == [b"log.csv", b"new.bin"]
        os.truncate("data.txt", 1); os.chmod("data.txt", 0o600); os.utime("data.txt", (1, 1))
        assert os.path.getsize("data.txt") == 1 and os.stat("data.txt").st_mtime == 1
        """,
    "links": """
        os.symlink("old.ckpt", "runs/latest"); assert open("runs/latest").read() == "old"
        with open("runs/latest", "w") as f: f.write("through")
        assert open("runs/old.ckpt").read() == "through"
        os.link("data.txt", "hard.txt")
        with open("hard.txt", "a") as f: f.write("!")
        assert open("hard.txt").read() == "user's!"
        """,
    "change the folder": """
        os.makedirs("out/x"); os.chdir("out"); Path("x/y.txt").write_text("y")
        assert os.getcwd() == str(here / "out") and open("../out/x/y.txt").read() == "y"
        os.chdir(".."); assert open("data.txt").read() == "user's" and os.getcwd() == str(here)
        """,
    "logging, sqlite, zip, tar, gzip, temporary files": """
        import gzip, logging, sqlite3, tarfile, tempfile, zipfile
        logging.basicConfig(filename="train.log", force=True); logging.error("said"); logging.shutdown()
        assert "said" in open("train.log").read()
        base = sqlite3.connect("runs.db"); base.execute("create table t(x)"); base.commit(); base.close()
        assert sqlite3.connect("runs.db").execute("select count(*) from t").fetchone() == (0,)
        with zipfile.ZipFile("a.zip", "w") as z: z.writestr("x", "y")
        with tarfile.open("a.tar", "w") as t: t.add("data.txt")
        with gzip.open("a.gz", "wt") as g: g.write("z")
        assert zipfile.ZipFile("a.zip").read("x") == b"y" and tarfile.open("a.tar").getnames() == ["data.txt"]
        with tempfile.TemporaryDirectory() as t: Path(t, "x").write_text("x")
        with tempfile.NamedTemporaryFile() as t: t.write(b"x")
        """,
    "numpy": """
        import numpy as np
        np.save("a.npy", np.arange(3)); np.savez("a.npz", a=np.arange(2)); np.savetxt("a.txt", np.arange(2))
        np.arange(4).tofile("a.bin"); m = np.memmap("a.map", np.uint8, "w+", shape=(4,)); m[:] = 7; m.flush()
        assert np.load("a.npy").tolist() == [0, 1, 2] and np.loadtxt("a.txt").tolist() == [0, 1]
        assert np.load("a.npz")["a"].tolist() == [0, 1] and np.fromfile("a.bin", np.int64).tolist() == [0, 1, 2, 3]
        """,
    "torch writes from C++": """
        import torch
        torch.save({"a": torch.ones(2)}, "data.txt"); torch.save(torch.ones(1), here / "runs" / "old.ckpt")
        assert torch.load("data.txt")["a"].tolist() == [1, 1]
        assert torch.load("runs/old.ckpt", mmap=True).tolist() == [1]
        torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), "model.ts"); torch.jit.load("model.ts")
        """,
    "a picture": """
        import matplotlib; matplotlib.use("Agg")
        from matplotlib import pyplot
        pyplot.plot([1, 2]); pyplot.savefig("curve.png"); pyplot.savefig(here / "data.txt", format="svg")
        assert os.path.getsize("curve.png") > 0
        """,
    "a file keeps the name it was opened by": """
        with open("data.txt", "w") as f: assert f.name == "data.txt"
        assert [e.name for e in os.scandir("runs")] and all(os.path.exists(e) for e in os.scandir("."))
        """,
}


@pytest.fixture
def place(tmp_path):
    home = tmp_path / "home"
    for name, text in BEFORE.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (10**9, 10**9))
    return home


def state(home: Path):
    return {
        str(path.relative_to(home)): (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns)
        for path in sorted(home.rglob("*"))
    }


def run(home: Path, program: str, *, lock: bool = True) -> "subprocess.CompletedProcess[str]":
    trial = home.parent / "trial"
    trial.mkdir(exist_ok=True)
    head = f"""
import os, shutil, sys
from pathlib import Path
from isograd.treatment.trial.sandbox import Sandbox, landlock
if not {lock}: landlock.confine = lambda folders: False
here = Path({str(home)!r})
sandbox = Sandbox(Path({str(trial)!r}), Path({str(trial / "files")!r}), "")
"""
    return subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(program)], cwd=home, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", CASES)
def test_the_program_finds_what_it_wrote_and_the_user_what_he_had(place, name):
    if name == "a picture":
        pytest.importorskip("matplotlib")
    before = state(place)
    done = run(place, CASES[name], lock=False)
    assert done.returncode == 0, done.stderr
    assert state(place) == before


def test_what_slips_past_is_refused(place):
    before = state(place)
    done = run(
        place,
        """
        import io, posix
        for call in (lambda: io.FileIO("data.txt", "w"), lambda: posix.unlink("data.txt"),
                     lambda: posix.open("new", os.O_CREAT | os.O_WRONLY), lambda: posix.rename("data.txt", "x"),
                     lambda: posix.mkdir("y"), lambda: posix.truncate("data.txt", 0)):
            try: call()
            except PermissionError as error: print(error)
        print(len(sandbox.refused))
        """,
        lock=False,
    )
    assert done.stdout.endswith("6\n"), done.stdout + done.stderr
    assert state(place) == before


def test_other_processes_are_held_by_the_kernel(place):
    before = state(place)
    done = run(
        place,
        """
        import subprocess
        print(sandbox.confined)
        subprocess.run(["sh", "-c", "echo x > data.txt; rm -rf runs; cat data.txt"], check=False)
        """,
    )
    if done.stdout.startswith("False"):
        pytest.skip("this system has no Landlock")
    assert done.stdout == "True\nuser's", done.stdout + done.stderr
    assert state(place) == before


def test_what_was_written_is_told(place):
    program = """
        Path("new.txt").write_text("x"); Path("gone.txt").write_text("x"); os.remove("gone.txt")
        print(*sandbox.written())
        sandbox.clear(); assert not os.path.exists("new.txt")
        """
    assert run(place, program).stdout.split() == [str(place / "new.txt")]
