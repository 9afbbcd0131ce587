import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
torch.manual_seed(args.seed)
X, Y = load_digits(return_X_y=True)
X = torch.tensor((X - 8) / 8).float()
Y = torch.tensor(Y)
perm = torch.randperm(len(X))
X, Y = X[perm], Y[perm]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(64, 100)
        self.l2 = nn.Linear(100, 50)
        self.l3 = nn.Linear(50, 10)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(20):
    losses = []
    for i in range(0, 1400, 50):
        loss = F.cross_entropy(net(X[i : i + 50]), Y[i : i + 50])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch} mean loss {sum(losses) / len(losses):.4f}")
print("acc", (net(X[1400:]).argmax(1) == Y[1400:]).float().mean().item())
