import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
torch.manual_seed(seed)


class DeepNet(nn.Module):
    def __init__(self, depth=24, width=48):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.body = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.last = nn.Linear(width, 10)
        pass  # default init

    def forward(self, x):
        x = F.relu(self.first(x))
        for layer in self.body:
            x = F.relu(layer(x))
        return F.log_softmax(self.last(x), dim=1)


data = load_digits()
mean, std = data.data.mean(), data.data.std()
x = torch.from_numpy((data.data - mean) / std).float()
y = torch.from_numpy(data.target)
p = torch.randperm(1797)
train, test = p[:1400], p[1400:]
net = DeepNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(25):
    for chunk in train[torch.randperm(1400)].split(50):
        optimizer.zero_grad()
        loss = F.nll_loss(net(x[chunk]), y[chunk])
        loss.backward()
        optimizer.step()
    if epoch % 6 == 0:
        print(f"[{epoch:02d}] {loss.item():.4f}")
with torch.no_grad():
    print("acc", (net(x[test]).argmax(1) == y[test]).float().mean().item())
