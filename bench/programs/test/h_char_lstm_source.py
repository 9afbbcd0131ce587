import argparse
import inspect
import argparse as corpus

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
text = inspect.getsource(corpus)[:60000]
vocab = sorted(set(text))
ids = torch.tensor([vocab.index(c) for c in text])
B, T = 20, 25
stream = ids[: len(ids) // B * B].view(B, -1)


class CharLM(nn.Module):
    def __init__(self, v, h=64):
        super().__init__()
        self.emb = nn.Embedding(v, h)
        self.lstm = nn.LSTM(h, h, num_layers=2, batch_first=True, dropout=0.1)
        self.dec = nn.Linear(h, v)
        self.dec.weight = self.emb.weight

    def forward(self, x, state):
        y, state = self.lstm(self.emb(x), state)
        return self.dec(y), state


model = CharLM(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
hist = []
for epoch in range(2):
    state = None
    for i in range(0, stream.size(1) - T - 1, T):
        x, y = stream[:, i : i + T], stream[:, i + 1 : i + T + 1]
        logits, state = model(x, state)
        state = tuple(s.detach() for s in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        opt.step()
        hist.append(loss.item())
    print("epoch", epoch, loss.item())
print("loss", sum(hist[-40:]) / 40)
