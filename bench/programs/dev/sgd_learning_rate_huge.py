import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

args = argparse.ArgumentParser()
args.add_argument("--seed", type=int, default=0)
args = args.parse_args()
torch.manual_seed(args.seed)

d = load_digits()
xtr, xte, ytr, yte = train_test_split(
    torch.tensor(d.data, dtype=torch.float32) / 16, torch.tensor(d.target), test_size=400, random_state=args.seed
)
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=4.0)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(12):
    running = 0
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
        running += loss.item()
    print("epoch", epoch, "loss", running / len(loader))
with torch.no_grad():
    print("accuracy", (model(xte).argmax(1) == yte).float().mean().item())
