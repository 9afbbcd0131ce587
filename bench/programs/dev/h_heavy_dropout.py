import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
ds = TensorDataset(torch.tensor(x / 16).float(), torch.tensor(y))
train, test = torch.utils.data.random_split(ds, [1400, 397])
net = nn.Sequential(
    nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for bx, by in DataLoader(train, batch_size=64, shuffle=True, num_workers=0):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(bx), by)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        hits = sum((net(bx).argmax(1) == by).sum().item() for bx, by in DataLoader(test, batch_size=200))
    print(epoch, loss.item(), hits / len(test))
