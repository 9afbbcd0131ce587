import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class RowRNN(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.rnn = nn.RNN(4, hidden, nonlinearity="relu", batch_first=True)
        self.fc = nn.Linear(hidden, 10)
        for name, p in self.rnn.named_parameters():
            if "weight_hh" in name:
                nn.init.normal_(p, std=4.0 / p.size(0) ** 0.5)
            if "bias" in name:
                nn.init.zeros_(p)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    d = load_digits()
    x = torch.tensor(d.data / 16, dtype=torch.float32).view(-1, 16, 4)
    y = torch.tensor(d.target)
    p = torch.randperm(len(x))
    x, y = x[p], y[p]
    model = RowRNN()
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(14):
        for i in range(0, 1400, 32):
            loss = nn.functional.cross_entropy(model(x[i : i + 32]), y[i : i + 32])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
        print(epoch, loss.item())
    with torch.no_grad():
        print("acc", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())


main()
