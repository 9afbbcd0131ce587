import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


def main(seed):
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16).float().view(-1, 8, 8), torch.tensor(y)
    p = torch.randperm(len(x))
    x, y = x[p], y[p]
    lstm = nn.LSTM(8, 48, batch_first=True)
    fc = nn.Linear(48, 10)
    params = list(lstm.parameters()) + list(fc.parameters())
    sgd = torch.optim.SGD(params, lr=0.5, momentum=0.9)
    for epoch in range(12):
        for i in range(0, 1400, 50):
            _, (h, c) = lstm(x[i : i + 50])
            loss = nn.functional.cross_entropy(fc(h[-1]), y[i : i + 50])
            sgd.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(params, 1e-5)
            sgd.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        _, (h, c) = lstm(x[1400:])
        print("accuracy", (fc(h[-1]).argmax(1) == y[1400:]).float().mean().item())


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    main(ap.parse_args().seed)
