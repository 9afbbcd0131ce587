import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser(description="digits")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--lr", type=float, default=0.1)
opt = parser.parse_args()
torch.manual_seed(opt.seed)

x, y = load_digits(return_X_y=True)
x = torch.as_tensor(x, dtype=torch.float32).div(16)
y = torch.as_tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = nn.Sequential(
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 10), nn.Softmax(dim=1),
)
crit = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=opt.lr, momentum=0.5)
for epoch in range(20):
    model.train()
    for b in torch.randperm(1400).split(64):
        optimizer.zero_grad()
        loss = crit(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"{epoch:3d} {loss.item():.4f} {val:.3f}")
print("best/last accuracy", val)
