import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.drop = nn.Dropout2d(0.1)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.drop(F.relu(self.conv2(x)))
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return F.log_softmax(self.fc2(x), dim=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    torch.manual_seed(parser.parse_args().seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float().unsqueeze(1) / 16, torch.tensor(d.target)
    p = torch.randperm(len(x))
    x, y = x[p], y[p]
    model = Net()
    opt = torch.optim.Adadelta(model.parameters(), lr=1.0)
    model.train()
    for i in range(0, 1400, 10):
        opt.zero_grad()
        loss = F.nll_loss(model(x[i : i + 10]), y[i : i + 10])
        loss.backward()
        opt.step()
        if i % 350 == 0:
            print(f"Train [{i}/1400] Loss: {loss.item():.6f}")
    model.eval()
    with torch.no_grad():
        print("Accuracy:", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())


if __name__ == "__main__":
    main()
