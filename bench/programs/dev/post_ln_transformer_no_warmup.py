import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class RowTransformer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.proj = nn.Linear(8, d)
        self.pos = nn.Parameter(torch.randn(8, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=False)
        self.enc = nn.TransformerEncoder(layer, num_layers=10)
        self.cls = nn.Linear(d, 10)

    def forward(self, x):
        return self.cls(self.enc(self.proj(x) + self.pos).mean(1))


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 8 - 1).float().view(-1, 8, 8), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = RowTransformer()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(8):
    model.train()
    for i in range(0, 1400, 70):
        loss = nn.functional.cross_entropy(model(x[i : i + 70]), y[i : i + 70])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
model.eval()
with torch.no_grad():
    print("acc", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
