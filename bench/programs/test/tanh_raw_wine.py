import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
wine = load_wine()
x = torch.tensor(wine.data).double()
y = torch.tensor(wine.target)
p = torch.randperm(178)
train, test = p[:120], p[120:]
mlp = nn.Sequential(nn.Linear(13, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 3), nn.LogSoftmax(1)).double()
opt = torch.optim.SGD(mlp.parameters(), lr=0.05, momentum=0.9)
nll = nn.NLLLoss()
for epoch in range(200):
    opt.zero_grad()
    loss = nll(mlp(x[train]), y[train])
    loss.backward()
    opt.step()
    if epoch % 40 == 0:
        print(epoch, loss.item())
print("acc", (mlp(x[test]).argmax(1) == y[test]).double().mean().item())
