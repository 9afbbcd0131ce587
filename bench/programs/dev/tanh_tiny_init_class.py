import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, width=40):
        super().__init__()
        self.inp = nn.Linear(30, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(6))
        self.out = nn.Linear(width, 2)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, std=0.01)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = torch.tanh(self.inp(x))
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.out(x)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--epochs", type=int, default=30)
    a = p.parse_args()
    torch.manual_seed(a.seed)
    x, y = load_breast_cancer(return_X_y=True)
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, random_state=a.seed, stratify=y)
    sc = StandardScaler().fit(xa)
    xa, xb = (torch.tensor(sc.transform(v), dtype=torch.float) for v in (xa, xb))
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    loader = DataLoader(TensorDataset(xa, ya), batch_size=32, shuffle=True)
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(a.epochs):
        net.train()
        total = 0.0
        for bx, by in loader:
            loss = nn.functional.cross_entropy(net(bx), by)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        if epoch % 10 == 0:
            print(epoch, total / len(loader))
    net.eval()
    with torch.no_grad():
        pred = net(xb).argmax(1)
    # balanced accuracy
    acc = 0.5 * sum((pred[yb == c] == c).float().mean().item() for c in (0, 1))
    print("balanced accuracy %.3f" % acc)


if __name__ == "__main__":
    main()
