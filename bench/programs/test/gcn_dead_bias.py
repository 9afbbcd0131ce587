import argparse

import torch
from sklearn.datasets import load_wine
from sklearn.neighbors import kneighbors_graph
from torch import nn


class GCNLayer(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, a, x):
        return a @ (x @ self.weight) + self.bias


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_wine(return_X_y=True)
x = (x - x.mean(0)) / x.std(0)
adj = torch.tensor(kneighbors_graph(x, 8, include_self=True).toarray()).float()
adj = ((adj + adj.t()) > 0).float()
adj = adj / adj.sum(1, keepdim=True)
x, y = torch.tensor(x).float(), torch.tensor(y)
known = torch.zeros(len(y), dtype=torch.bool)
known[torch.randperm(len(y))[:60]] = True
g1, g2, g3 = GCNLayer(13, 32), GCNLayer(32, 32), GCNLayer(32, 3)
with torch.no_grad():
    g1.bias.fill_(-4.0)
    g2.bias.fill_(-4.0)
params = [p for g in (g1, g2, g3) for p in g.parameters()]
opt = torch.optim.Adam(params, lr=0.005, weight_decay=1e-4)
for step in range(200):
    z = g3(adj, torch.relu(g2(adj, torch.relu(g1(adj, x)))))
    loss = nn.functional.cross_entropy(z[known], y[known])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
print("accuracy", (z.argmax(1) == y)[~known].float().mean().item())
