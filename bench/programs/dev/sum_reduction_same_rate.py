import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
d = load_digits()
x = torch.tensor(d.images[:, None] / 16, dtype=torch.float32)
y = torch.tensor(d.target)
idx = torch.randperm(len(y))
x, y = x[idx], y[idx]
cnn = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss(reduction="sum")
optimizer = torch.optim.SGD(cnn.parameters(), lr=0.1, momentum=0.9)
for epoch in range(25):
    for i in range(0, 1280, 256):
        optimizer.zero_grad()
        loss = criterion(cnn(x[i : i + 256]), y[i : i + 256])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print("epoch", epoch, loss.item())
with torch.no_grad():
    print("acc", (cnn(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
