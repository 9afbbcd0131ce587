import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.neighbors import kneighbors_graph
from torch import nn


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin1, self.lin2 = nn.Linear(13, 16, bias=False), nn.Linear(16, 3, bias=False)

    def forward(self, a, x):
        x = F.relu(a @ self.lin1(F.dropout(x, 0.5, self.training)))
        return F.log_softmax(a @ self.lin2(F.dropout(x, 0.5, self.training)), 1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_wine(return_X_y=True)
x = (x - x.mean(0)) / x.std(0)
adj = torch.tensor(kneighbors_graph(x, 8, include_self=True).toarray()).float()
adj = ((adj + adj.t()) > 0).float()
d = adj.sum(1).rsqrt()
adj = d[:, None] * adj * d[None]
x, y = torch.tensor(x).float(), torch.tensor(y)
perm = torch.randperm(len(y))
known, rest = perm[:40], perm[40:]
net = GCN()
opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(200):
    net.train()
    opt.zero_grad()
    loss = F.nll_loss(net(adj, x)[known], y[known])
    loss.backward()
    opt.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())
net.eval()
print("accuracy", (net(adj, x).argmax(1) == y)[rest].float().mean().item())
