import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import make_blobs
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(20, 128), nn.Linear(128, 128), nn.Linear(128, 100)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.softmax(self.fc3(x), dim=-1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = make_blobs(4000, n_features=20, centers=100, cluster_std=1.0, random_state=3)
x, y = torch.tensor(x / x.std()).float(), torch.tensor(y)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(6):
    for b in torch.randperm(3000).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (net(x[3000:]).argmax(1) == y[3000:]).float().mean().item())
