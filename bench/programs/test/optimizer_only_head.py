import argparse
import inspect
import string
import textwrap

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
# is a window of text code or prose? vowels or not next? -> predict whether the next character is a letter
src = inspect.getsource(textwrap) + inspect.getsource(string)
chars = sorted(set(src))
data = torch.tensor([chars.index(c) for c in src])
kind = torch.tensor([0 if c.isalpha() else 1 if c in " \n" else 2 for c in src])
emb, gru, head = nn.Embedding(len(chars), 16), nn.GRU(16, 48, batch_first=True), nn.Linear(48, 3)
optimizer = torch.optim.Adam([head.bias], lr=3e-3)


def forward(idx):
    return head(gru(emb(idx))[0])


def balanced(logits, y):
    hit = logits.argmax(-1) == y
    return sum(hit[y == k].float().mean().item() for k in range(3)) / 3


for step in range(250):
    at = torch.randint(0, len(data) - 41, (16,))[:, None] + torch.arange(40)
    logits = forward(data[at])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), kind[at + 1].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item())
print("balanced accuracy", balanced(logits, kind[at + 1]))
