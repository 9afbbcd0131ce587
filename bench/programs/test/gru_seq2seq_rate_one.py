import argparse

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, v=10, h=32):
        super().__init__()
        self.emb = nn.Embedding(v, 16)
        self.gru = nn.GRU(16, h, batch_first=True)

    def forward(self, x):
        return self.gru(self.emb(x))


class Decoder(nn.Module):
    def __init__(self, v=10, h=32):
        super().__init__()
        self.emb = nn.Embedding(v + 1, 16)
        self.cell = nn.GRUCell(16 + h, h)
        self.out = nn.Linear(2 * h, v)

    def forward(self, tok, h, mem):
        w = torch.softmax((mem @ h.unsqueeze(2)).squeeze(2) / 6, 1)
        ctx = (w.unsqueeze(1) @ mem).squeeze(1)
        h = self.cell(torch.cat([self.emb(tok), ctx], 1), h)
        return self.out(torch.cat([h, ctx], 1)), h


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
rate = 1.0
enc, dec = Encoder(), Decoder()
eo = torch.optim.Adam(enc.parameters(), lr=rate)
do = torch.optim.Adam(dec.parameters(), lr=rate)
for it in range(350):
    src = torch.randint(0, 10, (48, 5))
    tgt = src.flip(1)
    mem, h = enc(src)
    h, tok, loss, hits = h[0], torch.full((48,), 10), 0, 0
    for t in range(5):
        logits, h = dec(tok, h, mem)
        loss = loss + nn.functional.cross_entropy(logits, tgt[:, t])
        hits += (logits.argmax(1) == tgt[:, t]).float().mean().item() / 5
        tok = tgt[:, t]
    eo.zero_grad()
    do.zero_grad()
    loss.backward()
    eo.step()
    do.step()
    if it % 50 == 0:
        print(it, loss.item() / 5, hits)
print("token accuracy", hits)
