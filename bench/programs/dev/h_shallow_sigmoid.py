import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = nn.Sequential(nn.Linear(64, 50), nn.Sigmoid(), nn.Linear(50, 10))
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
for epoch in range(30):
    for i in range(0, 1400, 50):
        sgd.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i : i + 50]), y[i : i + 50])
        loss.backward()
        sgd.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
print((model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
