import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.utils import clip_grad_norm_

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor((x - 8) / 8).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
blocks = []
for k in range(10):
    blocks += [nn.Linear(64 if k == 0 else 96, 96), nn.Tanh()]
model = nn.Sequential(*blocks, nn.Linear(96, 10))
for m in model:
    if isinstance(m, nn.Linear):
        nn.init.normal_(m.weight, 0, 0.5)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    for i in range(0, 1400, 50):
        loss = nn.functional.cross_entropy(model(x[i : i + 50]), y[i : i + 50])
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
    norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
    print(f"epoch {epoch} loss {loss.item():.3f} grad norm {norm.item():.3f}")
print("acc", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
