import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--length", type=int, default=60)
args = parser.parse_args()
torch.manual_seed(args.seed)


def batch(n):
    label = torch.randint(0, 8, (n,))
    seq = torch.zeros(args.length, n, 9)
    seq[0].scatter_(1, label[:, None], 1.0)
    seq[1:, :, 8] = torch.randn(args.length - 1, n) * 0.5
    return seq, label


class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(9, 48)
        self.head = nn.Linear(48, 8)

    def forward(self, seq):
        _, h = self.rnn(seq)
        return self.head(h[0])


model = Memory()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(500):
    seq, label = batch(64)
    loss = nn.functional.cross_entropy(model(seq), label)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step} loss {loss.item():.4f}")
with torch.no_grad():
    seq, label = batch(1000)
    print("recall accuracy", (model(seq).argmax(1) == label).float().mean().item())
