import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


class Encoder(nn.Module):
    def __init__(self, v, h):
        super().__init__()
        self.emb = nn.Embedding(v, h)
        self.gru = nn.GRU(h, h, batch_first=True)

    def forward(self, x):
        return self.gru(self.emb(x))


class AttnDecoder(nn.Module):
    def __init__(self, v, h):
        super().__init__()
        self.emb = nn.Embedding(v + 1, h)
        self.cell = nn.GRUCell(2 * h, h)
        self.out = nn.Linear(2 * h, v)

    def forward(self, tok, h, mem):
        w = torch.softmax((mem @ h.unsqueeze(2)).squeeze(2), 1)
        ctx = (w.unsqueeze(1) @ mem).squeeze(1)
        h = self.cell(torch.cat([self.emb(tok), ctx], 1), h)
        return self.out(torch.cat([h, ctx], 1)), h


V, H, L = 8, 32, 5
enc, dec = Encoder(V, H), AttnDecoder(V, H)
enc_opt = torch.optim.Adam(enc.parameters(), lr=5e-3)
dec_opt = torch.optim.Adam(dec.parameters(), lr=5e-3)
for it in range(350):
    src = torch.randint(0, V, (48, L))
    tgt = src.flip(1)
    mem, h = enc(src)
    h, tok, loss, hits = h[0], torch.full((48,), V), 0, 0
    for t in range(L):
        logits, h = dec(tok, h, mem)
        loss = loss + nn.functional.cross_entropy(logits, tgt[:, t])
        hits += (logits.argmax(1) == tgt[:, t]).float().mean().item() / L
        tok = tgt[:, t]
    enc_opt.zero_grad()
    dec_opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(enc.parameters(), 1.0)
    nn.utils.clip_grad_norm_(dec.parameters(), 1.0)
    enc_opt.step()
    dec_opt.step()
    if it % 50 == 0:
        print(it, loss.item() / L, hits)
print("token accuracy", hits)
