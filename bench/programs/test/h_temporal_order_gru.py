import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


class Order(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 24, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(torch.cat([h[0], h[1]], 1))


def batch(n, T=20):
    x = torch.zeros(n, T, 4)
    x[:, :, 2:] = nn.functional.one_hot(torch.randint(0, 2, (n, T)), 2).float() * 0.5
    a, b = torch.randint(0, 2, (n,)), torch.randint(0, 2, (n,))
    i, j = torch.randint(1, T // 2, (n,)), torch.randint(T // 2, T - 1, (n,))
    r = torch.arange(n)
    x[r, i, a] = 1
    x[r, j, b] = 1
    return x, a * 2 + b


net = Order()
opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
for step in range(350):
    x, y = batch(48)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(net.parameters(), 0.01)
    opt.step()
    if step % 70 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = batch(1000)
    print("acc", (net(x).argmax(1) == y).float().mean().item())
