import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float().view(-1, 8, 8), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 40, batch_first=True)
        self.o = nn.Linear(40, 10)

    def forward(self, x):
        return self.o(self.gru(x)[0][:, -1])


m = M()
opt = torch.optim.SGD(m.parameters(), lr=2.0, momentum=0.9)
for epoch in range(12):
    for i in range(0, 1400, 40):
        loss = nn.functional.cross_entropy(m(x[i : i + 40]), y[i : i + 40])
        opt.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(m.parameters(), 0.1)
        opt.step()
    print(f"{epoch} loss {loss.item():.3f} |g| {norm:.2f}")
print("acc", (m(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
