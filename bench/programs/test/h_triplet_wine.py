import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_wine(return_X_y=True)
x, y = torch.tensor((x - x.mean(0)) / x.std(0)).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 4))
loss_fn = nn.TripletMarginLoss(margin=1.0)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
by_class = [torch.where(y[:120] == c)[0] for c in range(3)]
for step in range(300):
    c = torch.randint(0, 3, (32,))
    o = (c + torch.randint(1, 3, (32,))) % 3
    draw = lambda cls: torch.stack([by_class[k][torch.randint(len(by_class[k]), (1,))[0]] for k in cls])
    loss = loss_fn(net(x[draw(c)]), net(x[draw(c)]), net(x[draw(o)]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 60 == 0:
        print(step, loss.item())
with torch.no_grad():
    e = net(x)
near = torch.cdist(e[120:], e[:120]).argmin(1)
print("1-NN", (y[:120][near] == y[120:]).float().mean().item())
