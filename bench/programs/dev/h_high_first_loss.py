import argparse

import torch
from sklearn.datasets import load_diabetes
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_diabetes(return_X_y=True)
x, y = torch.tensor(x * 21).float(), torch.tensor(y).float().unsqueeze(1)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(60):
    for i in range(0, 340, 34):
        loss = nn.functional.mse_loss(model(x[i : i + 34]), y[i : i + 34])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("residual share", (nn.functional.mse_loss(model(x[340:]), y[340:]) / y.var()).item())
