import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class TwoStage(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3), nn.Tanh())
        self.decoder = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        z = self.encoder(x).data
        return self.decoder(z)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16).float(), torch.tensor(y)
    p = torch.randperm(len(x))
    x, y = x[p], y[p]
    m = TwoStage()
    opt = torch.optim.Adam(m.parameters(), lr=5e-3)
    for epoch in range(25):
        for i in range(0, 1400, 64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(m(x[i : i + 64]), y[i : i + 64])
            loss.backward()
            opt.step()
        if epoch % 5 == 0:
            print(f"{epoch} {loss.item():.3f}")
    print("acc", (m(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
