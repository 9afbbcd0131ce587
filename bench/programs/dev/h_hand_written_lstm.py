import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, n_in, n):
        super().__init__()
        self.x2h = nn.Linear(n_in, 4 * n)
        self.h2h = nn.Linear(n, 4 * n, bias=False)

    def forward(self, x, state):
        h, c = state
        i, f, g, o = (self.x2h(x) + self.h2h(h)).chunk(4, dim=1)
        c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = LSTMCell(8, 48)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        state = (x.new_zeros(len(x), 48), x.new_zeros(len(x), 48))
        for t in range(x.size(1)):
            state = self.cell(x[:, t], state)
        return self.fc(state[0])


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
d = load_digits()
x, y = torch.tensor(d.images / 16).float(), torch.tensor(d.target)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = Classifier()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    for b in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
