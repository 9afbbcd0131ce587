"""Scripts that train, under isograd as under python."""

import os
import re

import pytest
from tests.faithful import Twins

import isograd

HOME = os.path.dirname(os.path.abspath(isograd.__file__)) + os.sep
MODEL = """
    import os, sys
    os.environ["OMP_NUM_THREADS"] = "3"
    early = [name for name in ("torch", "numpy") if name in sys.modules]
    import torch
    if __name__ == "__main__":
        print(early, torch.get_num_threads(), type(torch.__spec__.loader), torch.__loader__ is torch.__spec__.loader)
        print([type(finder).__name__ for finder in sys.meta_path if not isinstance(finder, type)], sys.path[0])
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Sigmoid(), torch.nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    def step(x):
        loss = model(x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()
"""


@pytest.fixture
def twins(tmp_path) -> Twins:
    return Twins(tmp_path)


LOADERS = """
    from torch.utils.data import DataLoader, Dataset
    class Rows(Dataset):
        def __len__(self): return 8
        def __getitem__(self, index): return torch.full((4,), float(index))
    if __name__ == "__main__":
        for method in ("fork", "spawn"):
            loader = DataLoader(Rows(), batch_size=4, num_workers=1, multiprocessing_context=method)
            print(method, [step(x) for x in loader], Rows.__module__)
        print(torch.rand(2))
"""


def test_data_loader_workers_by_fork_and_by_spawn(twins: Twins) -> None:
    twins.write("train.py", MODEL + LOADERS)
    left = twins.same("train.py")
    assert left.status == 0, left.stderr
    assert "spawn [" in left.stdout


FAILS = """
    print(step(torch.ones(2, 4)))
    def f():
        loss = model(torch.ones(2, 4)).exp()
        with torch.no_grad():
            model[0].weight.add_(1.0)
            model[2].weight.add_(1.0)
        loss.sum().backward()
    try:
        f()
    except RuntimeError as error:
        raise ValueError("a step failed") from error
"""


def test_an_error_in_backward_shows_the_users_frames_only(twins: Twins) -> None:
    twins.write("train.py", MODEL + FAILS)
    left = twins.same("train.py")
    assert left.status == 1
    assert "torch/_tensor.py" in left.stderr
    frames = re.findall(r'File "(.*?)", line', left.stderr)
    assert frames
    assert not [frame for frame in frames if frame.startswith(HOME)]  # torch itself may lie below a folder of that name
    assert "isograd" not in re.sub(r'File ".*?", line', "", left.stderr)


def test_a_torch_that_cannot_be_imported_fails_as_under_python(twins: Twins) -> None:
    twins.write("torch/__init__.py", "def f(): raise ValueError('no torch today')\nf()")
    twins.write(
        "train.py", "import sys\ntry:\n    import torch\nexcept ValueError as e:\n    print(e)\nimport torch.nn"
    )
    left = twins.same("train.py")
    assert left.status == 1


def test_a_missing_torch_fails_as_under_python(twins: Twins) -> None:
    twins.write(
        "train.py",
        """
        import sys
        class Refuse:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name == "torch":
                    raise ModuleNotFoundError("No module named 'torch'", name="torch")
        sys.meta_path.insert(0, Refuse)
        import torch
        """,
    )
    assert twins.same("train.py").status == 1
