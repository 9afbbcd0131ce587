import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)

# each query must fetch the value stored under its key: soft dictionary look-up
DIM, KEYS, CLASSES = 64, 40, 4
table = torch.randn(KEYS, DIM)
answer = torch.randint(0, CLASSES, (KEYS,))
values = nn.functional.one_hot(answer, CLASSES).float()
Wq = nn.Parameter(torch.randn(DIM, DIM) * 2.0)
Wk = nn.Parameter(torch.randn(DIM, DIM) * 2.0)
Wv = nn.Linear(CLASSES, CLASSES)
opt = torch.optim.SGD([Wq, Wk, *Wv.parameters()], lr=0.5, momentum=0.9)


def model(noisy):
    q, k = noisy @ Wq, table @ Wk
    scores = q @ k.t()
    return Wv(torch.softmax(scores, dim=-1) @ values)


for step in range(800):
    pick = torch.randint(0, KEYS, (64,))
    loss = nn.functional.cross_entropy(model(table[pick] + 0.3 * torch.randn(64, DIM)), answer[pick])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(step, loss.item())
pick = torch.randint(0, KEYS, (2000,))
with torch.no_grad():
    out = model(table[pick] + 0.3 * torch.randn(2000, DIM))
print("accuracy", (out.argmax(1) == answer[pick]).float().mean().item())
