"""Calls exchanged in single modules: what runs, what is copied, what comes back."""

import copy
import functools
import io
import textwrap

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from isograd.errors import UsageError
from isograd.model.call_sites import position_of_call, source_of
from isograd.model.rewriting import Exchange, method_running, rewrite


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs) + 0.0

    return wrapper


class Base(nn.Module):
    def forward(self, x):
        return self.hidden(x)

    def hidden(self, x):
        """Not the first statement."""
        return sum([torch.sigmoid(row) for row in x.unbind(0)])


class Derived(Base):
    @logged
    def forward(self, x):
        return super().forward(x) + (
            x.sum(0)
            .tanh()
        )  # fmt: skip


class Overriding(Base):
    def hidden(self, x):
        return super().hidden(x) * 2


def ends(function, *names):
    """Where calls of those names end in the source of a function."""
    import ast

    source, code = source_of(function.__code__.co_filename), function.__code__
    last = max(line for _, _, line in code.co_lines() if line)
    for inner in code.co_consts:
        last = max([last, *(line for _, _, line in inner.co_lines() if line)]) if hasattr(inner, "co_lines") else last
    return [
        end
        for end, node in source.calls.items()
        if code.co_firstlineno <= node.lineno <= last + 2
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def in_hidden():
    return Exchange("hidden", ends(Base.hidden, "sigmoid")[0], "torch.relu")


def in_forward():
    end = ends(Derived.forward.__wrapped__, "tanh")[0]
    return Exchange("forward", end, "torch.nn.functional.leaky_relu", (("negative_slope", 0.5),))


X = torch.tensor([[-1.0, 2.0], [-3.0, 4.0]])
HIDDEN = torch.tensor([0.0, 6.0])  # sum of the rows' ReLU
FORWARD = HIDDEN + torch.tensor([-2.0, 6.0])


def test_one_module_is_rewritten_and_its_sisters_are_not():
    one, sister = Base(), Base()
    plain = sister(X)
    back = rewrite(one, [in_hidden()])
    assert torch.equal(one(X), HIDDEN)
    assert torch.equal(sister(X), plain)
    assert isinstance(one, Base)
    assert type(one).__name__ == "Base"
    back()
    assert type(one) is Base
    assert torch.equal(one(X), plain)


def test_inherited_decorated_and_super_calling_methods_are_rewritten():
    one = Derived()
    rewrite(one, [in_hidden()])
    rewrite(one, [in_forward()])
    assert torch.equal(one(X), FORWARD)


def test_a_method_behind_super_is_not_offered():
    assert method_running(Derived, Base.forward.__code__) is None
    assert method_running(Overriding, Base.hidden.__code__) is None
    assert method_running(Derived, Base.hidden.__code__) == "hidden"


def test_copies_and_files_keep_the_exchange():
    one = Derived()
    rewrite(one, [in_hidden()])
    rewrite(one, [in_forward()])
    copied = copy.deepcopy(one)
    file = io.BytesIO()
    torch.save(one, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    assert type(copied) is type(one) is type(loaded)
    assert torch.equal(copied(X), FORWARD)
    assert torch.equal(loaded(X), FORWARD)


def test_compiled_it_is_one_graph():
    one = Derived()
    rewrite(one, [in_hidden(), in_forward()])
    torch._dynamo.reset()
    assert torch.equal(torch.compile(one, backend="eager", fullgraph=True)(X), FORWARD)


def test_checkpointing_recomputes_the_exchanged_call():
    one = Base()
    rewrite(one, [in_hidden()])
    for reentrant in (True, False):
        x = X.clone().requires_grad_()
        checkpoint(one.hidden, x, use_reentrant=reentrant).sum().backward()
        assert torch.equal(x.grad, (X > 0).float())


def test_a_source_that_has_changed_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "changing.py"
    text = textwrap.dedent(
        """
        import torch
        from torch import nn

        class Net(nn.Module):
            def forward(self, x):
                return torch.sigmoid(x)
        """
    )
    file.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    import changing

    end = next(iter(source_of(changing.__file__).calls))
    file.write_text(text.replace("torch.sigmoid(x)", "torch.sigmoid(x * 2)"))
    net = changing.Net()
    with pytest.raises(UsageError, match="is not what"):
        rewrite(net, [Exchange("forward", end, "torch.relu")])
    assert type(net) is changing.Net


def test_closures_and_keywords_are_kept(tmp_path, monkeypatch):
    (tmp_path / "closing.py").write_text(
        textwrap.dedent(
            """
            import torch as T
            from torch import nn

            def make(factor, act=T.sigmoid):
                class Net(nn.Module):
                    def forward(self, x, *, shift=1.0):
                        return act(input=x + shift) * factor

                return Net()
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import closing

    net = closing.make(3.0)
    source = source_of(closing.__file__)
    end = next(end for end, node in source.calls.items() if getattr(node.func, "id", "") == "act")
    rewrite(net, [Exchange("forward", end, "torch.relu")])
    assert torch.equal(net(torch.tensor([-2.0, 1.0]), shift=0.5), torch.tensor([0.0, 4.5]))
    assert position_of_call(source, end).line == 8
