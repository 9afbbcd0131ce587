import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
T = 30
W = (1.5 * torch.eye(48)).requires_grad_()
U = (torch.randn(2, 48) * 0.1).requires_grad_()
b = torch.zeros(48, requires_grad=True)
v = (torch.randn(48) * 0.1).requires_grad_()
c = torch.zeros(1, requires_grad=True)


def add(n):
    x = torch.rand(n, T)
    mark = torch.zeros(n, T)
    mark[torch.arange(n), torch.randint(0, T // 2, (n,))] = 1
    mark[torch.arange(n), torch.randint(T // 2, T, (n,))] = 1
    return torch.stack([x, mark], 2), x.sum(1) / 4 - (x * mark).sum(1) / 4


def predict(x):
    h = torch.zeros(len(x), 48)
    for t in range(T):
        h = torch.relu(x[:, t] @ U + h @ W + b)
    return h @ v + c


opt = torch.optim.Adam([W, U, b, v, c], lr=1e-3)
for it in range(400):
    x, y = add(64)
    loss = nn.functional.mse_loss(predict(x), y)
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([W, U, b, v, c], 1.0)
    opt.step()
    if it % 80 == 0:
        print(it, loss.item())
with torch.no_grad():
    x, y = add(1000)
    print("mse", nn.functional.mse_loss(predict(x), y).item())
