"""Small training programs in the styles that people write, for the tests of patches.

Each trains one network with sigmoids for three steps.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """One program."""

    name: str
    source: str
    changed: int = 0
    """Lines of it that must be changed, not only joined by others, to write lines around optimizer and steps."""
    encoding: str = "utf-8"


_HEAD = "import torch\nfrom torch import nn\n\n"

FLAT = Program(
    "flat",
    '''"""A notebook, flattened."""
import torch
import torch.nn as nn

# model
net = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 1))  # small
criterion = nn.MSELoss()

# ---- optimizer ----
opt = torch.optim.SGD(net.parameters(), lr=0.1)   # noqa

x = torch.ones(5, 4)
for epoch in range(3):
    loss = criterion(net(x), torch.zeros(5, 1))
    opt.zero_grad()
    loss.backward()
    opt.step()  # go
''',
)

MAIN = Program(
    "main",
    '''#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Docstring."""
from __future__ import annotations

import argparse

import torch
from torch import nn, optim
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        for layer in self.layers:
            x = torch.sigmoid(
                layer(x)  # inner
            )
        return x


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    args = parser.parse_args([])
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=args.lr if args.lr else 1.0, momentum=0.9)
    for step in range(3):
        loss = model(torch.ones(2, 4)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
''',
)

TRAINER = Program(
    "trainer",
    """import torch
import torch.nn.functional as F


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(4, 4)
        self.b = torch.nn.Linear(4, 4)

    def forward(self, x):
        return F.sigmoid(self.b(F.sigmoid(self.a(x))))


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-2)

    def step(self, x):
        self.optimizer.zero_grad()
        self.model(x).sum().backward()
        self.optimizer.step()

    def fit(self):
        for _ in range(3):
            self.step(torch.ones(2, 4))


Trainer(Net()).fit()
""",
)

LIST = Program(
    "list",
    _HEAD
    + """
def make(depth):
    layers = []
    for _ in range(depth):
        layers += [
            nn.Linear(4, 4),
            # squash
            nn.Sigmoid(),
        ]
    layers.append(nn.Linear(4, 1))
    return nn.Sequential(*layers)

net = make(3)
optimizer = torch.optim.SGD(params=net.parameters(), lr=1e-1,)
for i in range(3):
    optimizer.zero_grad(); net(torch.ones(2, 4)).sum().backward(); optimizer.step()
""",
    changed=1,
)

COMPREHENSION = Program(
    "comprehension",
    _HEAD
    + """
net = nn.Sequential(*[m for _ in range(3) for m in (nn.Linear(4, 4), nn.Sigmoid())], nn.Linear(4, 1))
params = [p for p in net.parameters() if p.requires_grad]
optimizer = torch.optim.SGD(params, lr=0.1)
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
)

DECORATED = Program(
    "decorated",
    """import functools
from torch import ones
from torch.nn import Linear, Module, Sequential, Sigmoid
from torch.optim import SGD


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@logged
def build() -> Module:
    return Sequential(Linear(4, 4), Sigmoid(), Linear(4, 1))


@logged
def train(net: Module) -> None:
    optimizer = SGD(net.parameters(), 0.1)

    @logged
    def one_step():
        optimizer.zero_grad()
        net(ones(2, 4)).sum().backward()
        optimizer.step()

    for _ in range(3):
        one_step()


train(build())
""",
)

TABS = Program(
    "tabs",
    _HEAD
    + """
def main():
\tnet = nn.Sequential(
\t\tnn.Linear(4, 4),
\t\tnn.Sigmoid(),
\t)
\tif True:
\t\toptimizer = torch.optim.SGD(net.parameters(), lr=0.1)
\telse: optimizer = None
\tfor i in range(3):
\t\toptimizer.zero_grad()
\t\tnet(torch.ones(2, 4)).sum().backward()
\t\toptimizer.step()
\treturn net

main()
""",
)

CRLF = Program("crlf", FLAT.source.replace("\n", "\r\n"))

NO_NEWLINE = Program(
    "no newline at the end",
    FLAT.source.removesuffix("  # go\n"),
    changed=1,
)

ONE_LINE_SUITE = Program(
    "one-line suites",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
if net: optimizer = torch.optim.SGD(net.parameters(), lr=0.1); lr = 0.1  # both
else: optimizer = None
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    if i >= 0: optimizer.step()
""",
    changed=2,
)

WALRUS = Program(
    "walrus",
    _HEAD
    + """
optimizer = torch.optim.SGD((net := nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())).parameters(), lr=0.1)
while (i := globals().get("i", -1) + 1) < 3:
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
    changed=1,
)

WALRUS_OPTIMIZER = Program(
    "walrus for the optimizer",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
if (optimizer := torch.optim.SGD(net.parameters(), lr=0.1)) is not None:
    for i in range(3):
        optimizer.zero_grad()
        net(torch.ones(2, 4)).sum().backward()
        optimizer.step()
""",
    changed=1,
)

NESTED = Program(
    "nested functions",
    _HEAD
    + """
def outer():
    net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
    def make_optimizer():
        return torch.optim.SGD(net.parameters(), lr=0.1)
    optimizer = make_optimizer()
    def go():
        for i in range(3):
            optimizer.zero_grad()
            net(torch.ones(2, 4)).sum().backward()
            optimizer.step()
    go()

outer()
""",
    changed=1,
)

LAMBDA = Program(
    "lambda for the optimizer",
    _HEAD
    + """
make = lambda parameters: torch.optim.SGD(parameters, lr=0.1)
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer = make(net.parameters())
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
)

PAIR = Program(
    "optimizer and scheduler from a function",
    _HEAD
    + """
def make(model, lr):
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    return opt, torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: 1.0)

net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
opt, sched = make(net, 0.1)
for i in range(3):
    opt.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    opt.step()
    sched.step()
""",
)

TUPLE = Program(
    "tuple assignment",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
criterion, opt = nn.MSELoss(), torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(3):
    opt.zero_grad()
    criterion(net(torch.ones(2, 4)), torch.zeros(2, 4)).backward()
    opt.step()
""",
)

ASYNC = Program(
    "async",
    "import asyncio\n"
    + _HEAD
    + """
async def train():
    net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for i in range(3):
        optimizer.zero_grad()
        net(torch.ones(2, 4)).sum().backward()
        await asyncio.sleep(0)
        optimizer.step()

asyncio.run(train())
""",
)

CLOSURE = Program(
    "LBFGS with a closure",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.1, max_iter=1)

def closure():
    optimizer.zero_grad()
    loss = net(torch.ones(2, 4)).square().sum()
    loss.backward()
    return loss

for i in range(3):
    loss = optimizer.step(closure)
""",
)

TYPE_COMMENTS = Program(
    "type comments",
    _HEAD
    + """
def main():
    # type: () -> None
    net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())  # type: nn.Module
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)  # type: torch.optim.Optimizer
    for i in range(3):  # type: int
        optimizer.zero_grad()
        net(torch.ones(2, 4)).sum().backward()
        optimizer.step()  # type: ignore

main()
""",
)

ANNOTATED = Program(
    "annotated, wrapped in a call",
    _HEAD
    + """
def wrap(thing): return thing

net: nn.Module = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer: torch.optim.Optimizer = wrap(
    torch.optim.SGD(
        net.parameters(),  # all of them
        lr=0.1,
    )
)
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
    changed=2,
)

CONDITIONAL = Program(
    "conditional expression",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
adam = False
optimizer = torch.optim.Adam(net.parameters()) if adam else torch.optim.SGD(net.parameters(), 0.1)
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
)

DICTS = Program(
    "dictionaries of networks",
    _HEAD
    + """
nets = {"a": nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())}
state = {"opt": None}
state["opt"] = torch.optim.SGD(nets["a"].parameters(), lr=0.1)
for i in range(3):
    state["opt"].zero_grad()
    nets["a"](torch.ones(2, 4)).sum().backward()
    state["opt"].step()
""",
)

GROUPS = Program(
    "groups of parameters",
    _HEAD
    + """
model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
decay, rest = [], []
for name, p in model.named_parameters():
    (rest if name.endswith("bias") else decay).append(p)
    if name.endswith("bias"):
        decay.extend([])
print("collected", len(decay))
opt = torch.optim.SGD(
    [{"params": decay, "weight_decay": 0.1, "lr": 0.1}, {"params": rest}],
    lr=0.1,
)
for i in range(3):
    opt.zero_grad()
    model(torch.ones(2, 4)).sum().backward()
    opt.step()
""",
)

SCALER = Program(
    "loss scaler",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
for i in range(3):
    opt.zero_grad()
    scaler.scale(net(torch.ones(2, 4)).sum()).backward()
    scaler.step(opt)
    scaler.update()
""",
)

LATIN = Program(
    "latin-1",
    "# -*- coding: latin-1 -*-\n# Größe: für später\n" + FLAT.source.replace("small", "klein, größer"),
    encoding="latin-1",
)

FORM_FEED = Program("form feeds", FLAT.source.replace("# model", "\f\n# model").replace("# ---- opt", "\f\n# --- opt"))

HOOKED = Program(
    "steps in a helper that others use",
    _HEAD
    + """
def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    return optimizer.step()

net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
other = nn.Linear(4, 1)
second = torch.optim.SGD(other.parameters(), lr=0.1)
for i in range(3):
    update(optimizer, net(torch.ones(2, 4)).sum())
    update(second, other(torch.ones(2, 4)).sum())
""",
)

SELF_OPTIMIZING = Program(
    "a module with its own optimizer",
    """import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(4, 4)
        self.act = nn.Sigmoid()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, x):
        return self.act(self.fc1(x))

    def learn(self, x):
        self.optimizer.zero_grad()
        self(x).sum().backward()
        self.optimizer.step()

net = Net()
for i in range(3):
    net.learn(torch.ones(2, 4))
""",
)

METHODS = Program(
    "activations as methods, in place",
    _HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        x = self.a(x).sigmoid()
        x = (self.b(x)
             + 0.0).sigmoid()
        h = self.c(x)
        h.sigmoid_()
        return torch.sigmoid_(self.a(h)), h

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(3):
    optimizer.zero_grad()
    sum(out.sum() for out in net(torch.ones(2, 4))).backward()
    optimizer.step()
""",
)

STAR = Program(
    "star import and shadowed names",
    """from torch.nn import *
import torch

nn = 3  # layers
def build(F=None):
    return Sequential(Linear(4, 4), Sigmoid(), Linear(4, 4))

net = build()
module = "a name that lines of a remedy would use, too"
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for p in range(nn):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
assert module.startswith("a name") and p == 2
""",
)

KEYWORDS = Program(
    "settings from a dictionary",
    _HEAD
    + """
config = dict(momentum=0.9)
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer = torch.optim.SGD(net.parameters(), 0.05 + 0.05, **config)
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
)

DEFAULT_RATE = Program(
    "no learning rate given",
    _HEAD
    + """
net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
optimizer = torch.optim.Adam(net.parameters())
for i in range(3):
    optimizer.zero_grad()
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
""",
)

SEEDS = Program(
    "several seeds",
    _HEAD
    + """
def run(seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
    with torch.enable_grad():
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for i in range(3):
            optimizer.zero_grad()
            net(torch.ones(2, 4)).sum().backward()
            optimizer.step()

for seed in [0]:
    run(seed)
""",
)

PROGRAMS = tuple(value for value in list(globals().values()) if isinstance(value, Program))
