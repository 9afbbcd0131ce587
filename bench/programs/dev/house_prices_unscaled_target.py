import argparse

import torch
from sklearn.datasets import load_diabetes
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)

x, t = load_diabetes(return_X_y=True, scaled=True)
x = torch.tensor(x * 21, dtype=torch.float32)
signal = torch.tensor((t - t.mean()) / t.std(), dtype=torch.float32)
target = 150_000 + 50_000 * signal

net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(60):
    for i in range(0, 352, 32):
        pred = net(x[i : i + 32]).squeeze(1)
        loss = nn.functional.mse_loss(pred, target[i : i + 32])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print("epoch", epoch, "mse", loss.item())
with torch.no_grad():
    pred, want = net(x[:352]).squeeze(1), target[:352]
    print("unexplained variance", (((pred - want) ** 2).mean() / want.var()).item())
