import argparse

import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
a = ap.parse_args()
torch.manual_seed(a.seed)

T, N, H = 40, 64, 32
forget_bias = -5.0


def make_batch():
    y = torch.randint(0, 4, (N,))
    x = torch.randn(N, T, 5) * 0.3
    x[:, 0, :4] = nn.functional.one_hot(y, 4).float() * 2
    return x, y


lstm = nn.LSTM(5, H, batch_first=True)
readout = nn.Linear(H, 4)
with torch.no_grad():
    lstm.bias_ih_l0[H : 2 * H] = forget_bias
    lstm.bias_hh_l0[H : 2 * H] = 0.0
optim = torch.optim.Adam([*lstm.parameters(), *readout.parameters()], lr=3e-3)
for it in range(400):
    x, y = make_batch()
    h, _ = lstm(x)
    loss = nn.functional.cross_entropy(readout(h[:, -1]), y)
    optim.zero_grad()
    loss.backward()
    optim.step()
    if it % 80 == 0:
        print(it, loss.item())
correct = 0
with torch.no_grad():
    for _ in range(10):
        x, y = make_batch()
        correct += (readout(lstm(x)[0][:, -1]).argmax(1) == y).sum().item()
print("accuracy", correct / (10 * N))
