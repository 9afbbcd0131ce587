import argparse
import random
import re
from pydoc_data.topics import topics

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
seed = ap.parse_args().seed
random.seed(seed)
torch.manual_seed(seed)

names = sorted(topics, key=lambda t: -len(topics[t]))[:6]
docs = []
for label, name in enumerate(names):
    words = re.findall(r"[a-z]+", topics[name].lower())
    docs += [(words[i : i + 30], label) for i in range(0, min(len(words), 4500) - 30, 30)]
random.shuffle(docs)
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in docs for w in ws}))}
ids = torch.tensor([[vocab[w] for w in ws] for ws, _ in docs])
labels = torch.tensor([l for _, l in docs])
n = int(len(ids) * 0.8)

emb = nn.Embedding(len(vocab), 32, sparse=True)
head = nn.Linear(32, len(names))
opt1 = torch.optim.SparseAdam(emb.parameters(), lr=0.02)
opt2 = torch.optim.Adam(head.parameters(), lr=0.01)
for epoch in range(10):
    for b in torch.randperm(n).split(16):
        loss = nn.functional.cross_entropy(head(emb(ids[b]).mean(1)), labels[b])
        opt1.zero_grad()
        opt2.zero_grad()
        loss.backward()
        opt1.step()
        opt2.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("accuracy", (head(emb(ids[n:]).mean(1)).argmax(1) == labels[n:]).float().mean().item())
