import argparse

import torch
import torch.nn as nn

cfg = argparse.ArgumentParser()
cfg.add_argument("--seed", type=int, default=0)
cfg = cfg.parse_args()
torch.manual_seed(cfg.seed)


class Pool(nn.Module):
    """Majority class of a bag of tokens by attention pooling."""

    def __init__(self, vocab=11, dim=32):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.query = nn.Parameter(torch.randn(dim) * 0.1)
        self.out = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, tokens):
        e = self.emb(tokens)
        score = self.key(e) @ self.query / e.size(-1) ** 0.5
        score = score.masked_fill(tokens == 0, float("-inf"))
        w = torch.softmax(score, dim=1)
        return self.out((w.unsqueeze(-1) * self.value(e)).sum(1))


def batch(n=64):
    tokens = torch.randint(1, 11, (n, 12))
    lengths = torch.randint(0, 13, (n,))
    tokens[torch.arange(12)[None] >= lengths[:, None]] = 0
    small = ((tokens > 0) & (tokens < 6)).sum(1)
    large = (tokens > 5).sum(1)
    return tokens, (large > small).long()


model = Pool()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(500):
    tokens, y = batch()
    loss = nn.functional.cross_entropy(model(tokens), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print("step", step, "loss", loss.item())
with torch.no_grad():
    tokens, y = batch(2000)
    logits = model(tokens)
    good = (logits.argmax(1) == y) & ~logits.isnan().any(1)
print("accuracy", good.float().mean().item())
