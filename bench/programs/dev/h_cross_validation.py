import argparse

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import KFold
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
args = ap.parse_args()
torch.manual_seed(args.seed)
x, y = load_breast_cancer(return_X_y=True)
x = (x - x.mean(0)) / x.std(0)
scores = []
for fold, (tr, te) in enumerate(KFold(5, shuffle=True, random_state=args.seed).split(x)):
    model = nn.Sequential(nn.Linear(30, 24), nn.Tanh(), nn.Linear(24, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    xt, yt = torch.tensor(x[tr]).float(), torch.tensor(y[tr])
    for epoch in range(10):
        for i in range(0, len(xt), 32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xt[i : i + 32]), yt[i : i + 32])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores.append((model(torch.tensor(x[te]).float()).argmax(1).numpy() == y[te]).mean())
    print("fold", fold, scores[-1])
print("mean", np.mean(scores))
