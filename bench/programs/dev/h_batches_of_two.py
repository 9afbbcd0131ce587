import argparse

import torch
from sklearn.datasets import load_digits

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = torch.nn.Sequential(torch.nn.Linear(64, 48), torch.nn.Tanh(), torch.nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.02)
for epoch in range(3):
    for i in range(0, 1400, 2):
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x[i : i + 2]), y[i : i + 2])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
