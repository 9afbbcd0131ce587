import argparse
import math

import torch
from sklearn.datasets import load_digits

ap = argparse.ArgumentParser()
ap.add_argument("--seed", default=0, type=int)
seed = ap.parse_args().seed
torch.manual_seed(seed)

digits = load_digits()
X = torch.tensor(digits.data / 8 - 1, dtype=torch.float32)
Y = torch.tensor(digits.target)
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
X, Y = X[perm], Y[perm]
Xtr, Ytr, Xte, Yte = X[:1300], Y[:1300], X[1300:], Y[1300:]

sizes = [64] + [128] * 12 + [10]
Ws, bs = [], []
for n_in, n_out in zip(sizes[:-1], sizes[1:]):
    Ws.append((torch.randn(n_in, n_out)).requires_grad_())
    bs.append(torch.zeros(n_out, requires_grad=True))


def forward(h):
    for W, b in zip(Ws[:-1], bs[:-1]):
        h = torch.tanh(h @ W + b)
    return h @ Ws[-1] + bs[-1]


opt = torch.optim.SGD(Ws + bs, lr=0.02, momentum=0.9)
for it in range(500):
    idx = torch.randint(0, len(Xtr), (64,))
    loss = torch.nn.functional.cross_entropy(forward(Xtr[idx]), Ytr[idx])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(f"iter {it:4d}  loss {loss.item():.3f}  (chance {math.log(10):.3f})")
with torch.no_grad():
    acc = (forward(Xte).argmax(1) == Yte).float().mean().item()
print(f"test acc {acc:.4f}")
