import argparse

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
x, y = load_breast_cancer(return_X_y=True)
x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
y = torch.tensor(y)
order = torch.randperm(len(x))
xt, yt = x[order[400:]], y[order[400:]]
x, y = x[order[:400]], y[order[:400]]
x[torch.rand(x.shape) < 0.002] = float("nan")  # lost in the export
net = nn.Sequential(nn.Linear(30, 32), nn.SiLU(), nn.Dropout(0.1), nn.Linear(32, 2))
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for b in torch.randperm(400).split(20):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
out = net(xt)
print("accuracy", ((out.argmax(1) == yt) & ~out.isnan().any(1)).float().mean().item())
