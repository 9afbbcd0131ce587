import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, grad):
        x, s = ctx.saved_tensors
        return grad * (s + x * s * (1 - s))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(64, 96), nn.Linear(96, 48), nn.Linear(48, 10)

    def forward(self, x):
        x = Swish.apply(self.a(x))
        x = Swish.apply(self.b(x))
        return self.c(x)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net, accumulate = Net(), 4
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for k, i in enumerate(range(0, 1400, 16)):
        loss = nn.functional.cross_entropy(net(x[i : i + 16]), y[i : i + 16]) / accumulate
        loss.backward()
        if (k + 1) % accumulate == 0:
            opt.step()
            opt.zero_grad()
    print(epoch, loss.item() * accumulate)
print("acc", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
