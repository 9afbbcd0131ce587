"""Small training scripts, written as users write them; each trains in well under a second."""

HEAD = '''"""A script of somebody's."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(512, 8)
y = (x[:, :4].sum(dim=1) > 0).long() + 2 * (x[:, 4:].sum(dim=1) > 0).long()
x_test, y_test = x[400:], y[400:]
x, y = x[:400], y[:400]


def accuracy(model):
    model.eval()
    with torch.no_grad():
        right = (model(x_test).argmax(dim=1) == y_test).float().mean().item()
    model.train()
    return right


'''

SIGMOID = (
    HEAD
    + """
layers = []
for width in [8] + [24] * 7:
    layers += [nn.Linear(width, 24), nn.Sigmoid()]  # eight hidden layers
model = nn.Sequential(*layers, nn.Linear(24, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

for step in range(120):
    index = torch.randint(len(x), (64,))
    loss = F.cross_entropy(model(x[index]), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        torch.save(model.state_dict(), "checkpoint.pt")
print(f"test accuracy: {accuracy(model):.4f}")
"""
)

HEALTHY = (
    HEAD
    + """
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(120):
    index = torch.randint(len(x), (64,))
    loss = F.cross_entropy(model(x[index]), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"test accuracy: {accuracy(model):.4f}")
"""
)

SHUFFLED_LABELS = HEALTHY.replace(
    "F.cross_entropy(model(x[index]), y[index])", "F.cross_entropy(model(x[index]), torch.randint(4, (64,)))"
)

LBFGS = (
    HEAD
    + """
def main():
    net = nn.Sequential(*[m for _ in range(10) for m in (nn.Linear(8, 8), nn.Sigmoid())], nn.Linear(8, 4))
    optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=4)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        return loss

    for step in range(40):
        optimizer.step(closure)
    print("test accuracy:", accuracy(net))


if __name__ == "__main__":
    main()
"""
)

GAN = (
    HEAD
    + """
layers = [m for _ in range(8) for m in (nn.Linear(16, 16), nn.Sigmoid())]
generator = nn.Sequential(nn.Linear(4, 16), *layers, nn.Linear(16, 2))
discriminator = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
g_optimizer = torch.optim.SGD(generator.parameters(), lr=0.05)
d_optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.05)
real = torch.randn(400, 2) * 0.3 + torch.tensor([1.0, -1.0])
for step in range(120):
    fake = generator(torch.randn(64, 4))
    d_loss = F.softplus(-discriminator(real[torch.randint(400, (64,))])).mean() + F.softplus(
        discriminator(fake.detach())
    ).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    g_loss = F.softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
with torch.no_grad():
    far = (generator(torch.randn(500, 4)).mean(dim=0) - real.mean(dim=0)).norm()
print("distance", far.item())
"""
)

NOT_REPRODUCIBLE = SIGMOID.replace(
    "torch.manual_seed(0)", "torch.manual_seed(int.from_bytes(__import__('os').urandom(4), 'big'))"
)

EXPLODES = '''"""A script of somebody's."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x = torch.randn(512, 8)
y = x.sum(dim=1, keepdim=True)
model = nn.Sequential(*[m for n in [8] + [32] * 7 for m in (nn.Linear(n, 32), nn.ReLU())], nn.Linear(32, 1))
for parameter in model.parameters():
    if parameter.ndim > 1:
        nn.init.normal_(parameter, std=0.8)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(60):
    index = torch.randint(512, (64,))
    loss = F.mse_loss(model(x[index]), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("final loss", F.mse_loss(model(x), y).item())
'''

RAISES = EXPLODES.replace(
    "    optimizer.zero_grad()",
    "    if not torch.isfinite(loss):\n        raise RuntimeError('the loss is nan')\n    optimizer.zero_grad()",
)

TWO_MODULES = (
    HEAD
    + """
encoder = nn.Sequential(*[m for n in [8] + [24] * 7 for m in (nn.Linear(n, 24), nn.Tanh())])
for layer in encoder[::2]:
    nn.init.normal_(layer.weight, std=0.01)
head = nn.Linear(24, 4)
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1, momentum=0.9)
for step in range(120):
    index = torch.randint(len(x), (64,))
    loss = F.cross_entropy(head(encoder(x[index])), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
)

NEVER_STEPS = HEAD + "model = nn.Linear(8, 4)\nprint(F.cross_entropy(model(x), y).item())\n"

FAILS_AT_ONCE = "import torch\nraise ValueError('no data')\n"

TASK = '''"""A task of somebody's."""
import torch
from torch import nn
from torch.nn import functional as F

import isograd


def build(seed):
    torch.manual_seed(seed)
    layers = [m for _ in range(8) for m in (nn.Linear(8, 8), nn.Sigmoid())]
    return nn.Sequential(*layers, nn.Linear(8, 4))


def batches(seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(64, 8, generator=generator)
        yield x, (x[:, :4].sum(dim=1) > 0).long() + 2 * (x[:, 4:].sum(dim=1) > 0).long()


@torch.no_grad()
def evaluate(model):
    x, y = next(batches(999))
    return (model(x).argmax(dim=1) == y).float().mean().item()


def task():
    return isograd.Task(
        build=build,
        loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
        batches=batches,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
        evaluate=evaluate,
        steps=120,
    )
'''

BY_HAND = (
    HEAD
    + """
def train(model, rate):
    for step in range(60):
        index = torch.randint(len(x), (64,))
        loss = F.cross_entropy(model(x[index]), y[index])
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-rate)


layers = []
for width in [8] + [24] * DEPTH:
    layers += [nn.Linear(width, 24), ACTIVATION]
model = nn.Sequential(*layers, nn.Linear(24, 4))
train(model, 0.1)
print(f"test accuracy: {accuracy(model):.4f}")
"""
)

ONE_STEP = HEALTHY.replace("range(120)", "range(1)")
"""Too few steps for any verdict."""
FAILS_AFTERWARDS = HEALTHY + "\nraise ValueError('no such folder for figures')\n"
"""Trains well, and fails behind it."""
