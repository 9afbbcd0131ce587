import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).half(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).half()
master = [p.detach().clone().float().requires_grad_() for p in model.parameters()]
opt = torch.optim.SGD(master, lr=0.1, momentum=0.9)
for epoch in range(8):
    for i in torch.arange(1400).split(50):
        out = model(x[i])
        loss = F.cross_entropy(out.float(), y[i]) / 2e6
        model.zero_grad()
        loss.backward()
        for m, p in zip(master, model.parameters()):
            m.grad = p.grad.float() * 2e6
        opt.step()
        with torch.no_grad():
            for m, p in zip(master, model.parameters()):
                p.copy_(m)
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
