import argparse

import torch
from sklearn.datasets import load_digits

args = argparse.ArgumentParser()
args.add_argument("--seed", type=int, default=0)
torch.manual_seed(args.parse_args().seed)

D = load_digits()
X = torch.tensor(D.data / 16, dtype=torch.float32)
Y = torch.tensor(D.target)
idx = torch.randperm(len(X))
X, Y = X[idx], Y[idx]
net = torch.nn.Sequential(
    torch.nn.Linear(64, 50), torch.nn.ReLU(), torch.nn.Linear(50, 50), torch.nn.ReLU(), torch.nn.Linear(50, 10)
)
with torch.no_grad():
    for p in net.parameters():
        torch.nn.init.zeros_(p)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
ce = torch.nn.CrossEntropyLoss()
for e in range(12):
    for k in range(0, 1400, 70):
        opt.zero_grad()
        l = ce(net(X[k : k + 70]), Y[k : k + 70])
        l.backward()
        opt.step()
    print("Epoch", e, "Loss", float(l))
print("Test accuracy", float((net(X[1400:]).argmax(1) == Y[1400:]).float().mean()))
