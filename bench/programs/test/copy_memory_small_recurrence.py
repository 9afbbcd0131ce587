import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
BLANKS, SYMBOLS = 18, 4
cell = nn.RNNCell(SYMBOLS + 2, 64)
nn.init.normal_(cell.weight_hh, std=0.02)
nn.init.zeros_(cell.bias_hh)
nn.init.zeros_(cell.bias_ih)
out = nn.Linear(64, SYMBOLS)
opt = torch.optim.RMSprop(list(cell.parameters()) + list(out.parameters()), lr=1e-3)


def sample(n):
    s = torch.randint(0, SYMBOLS, (n,))
    steps = [nn.functional.one_hot(s, SYMBOLS + 2).float()]
    blank = torch.zeros(n, SYMBOLS + 2)
    blank[:, SYMBOLS] = 1
    go = torch.zeros(n, SYMBOLS + 2)
    go[:, SYMBOLS + 1] = 1
    return steps + [blank] * BLANKS + [go], s


def run(seq):
    h = torch.zeros(len(seq[0]), 64)
    for x in seq:
        h = cell(x, h)
    return out(h)


for it in range(600):
    seq, s = sample(64)
    loss = nn.functional.cross_entropy(run(seq), s)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(it, loss.item())
with torch.no_grad():
    seq, s = sample(1000)
    print("recalled", (run(seq).argmax(1) == s).float().mean().item())
