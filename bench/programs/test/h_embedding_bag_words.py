import argparse
import inspect
import random
import re
import argparse as left
import subprocess as right

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
seed = ap.parse_args().seed
random.seed(seed)
torch.manual_seed(seed)
samples = []
for label, module in enumerate((left, right)):
    words = re.findall(r"\w+", inspect.getsource(module))
    samples += [(words[i : i + 20], label) for i in range(0, 7000, 20)]
random.shuffle(samples)
vocab = {w: i for i, w in enumerate({w: 0 for ws, _ in samples for w in ws})}
train, test = samples[:560], samples[560:]


def collate(rows):
    flat = torch.tensor([vocab[w] for ws, _ in rows for w in ws])
    offsets = torch.tensor([0] + [len(ws) for ws, _ in rows[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([l for _, l in rows])


class TextNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), 24, mode="mean", sparse=True)
        self.fc = nn.Linear(24, 2)

    def forward(self, flat, offsets):
        return self.fc(self.bag(flat, offsets))


net = TextNet()
opt = torch.optim.SGD(net.parameters(), lr=2.0)
sched = torch.optim.lr_scheduler.StepLR(opt, 4, gamma=0.5)
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, 560, 16):
        flat, off, lab = collate(train[i : i + 16])
        loss = nn.functional.cross_entropy(net(flat, off), lab)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, loss.item())
flat, off, lab = collate(test)
print("accuracy", (net(flat, off).argmax(1) == lab).float().mean().item())
