import argparse

import torch
from sklearn.datasets import load_wine

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_wine(return_X_y=True)
x, y = torch.tensor((x - x.mean(0)) / x.std(0)), torch.tensor(y)
p = torch.randperm(178)
tr, te = p[:120], p[120:]
W = torch.zeros(13, 3, dtype=torch.float64, requires_grad=True)
b = torch.zeros(3, dtype=torch.float64, requires_grad=True)
opt = torch.optim.LBFGS([W, b], line_search_fn="strong_wolfe", max_iter=10)


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.cross_entropy(x[tr] @ W + b, y[tr]) + 1e-2 * W.pow(2).sum()
    loss.backward()
    return loss


for i in range(12):
    print(i, opt.step(closure).item())
print("acc", ((x[te] @ W + b).argmax(1) == y[te]).double().mean().item())
