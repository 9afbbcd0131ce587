import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)

digits = load_digits()
X = torch.tensor(digits.data / 16).float()
Y = torch.tensor(digits.target)
perm = torch.randperm(len(X))
X, Y = X[perm], Y[perm]


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(64, 64)
        self.b = nn.Linear(64, 8)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


def contrastive(e1, e2, same, margin=2.0):
    d2 = ((e1 - e2) ** 2).sum(1)
    d = d2.sqrt()
    return (same * d2 + (1 - same) * F.relu(margin - d) ** 2).mean()


net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(600):
    i = torch.randint(0, 1200, (64,))
    j = torch.randint(0, 1200, (64,))
    j[:4] = i[:4]
    same = (Y[i] == Y[j]).float()
    loss = contrastive(net(X[i]), net(X[j]), same)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(f"{step}: {loss.item():.4f}")
with torch.no_grad():
    ref, query = net(X[:1200]), net(X[1200:])
    nearest = torch.cdist(query, ref).argmin(1)
    print("1-NN accuracy:", (Y[:1200][nearest] == Y[1200:]).float().mean().item())
