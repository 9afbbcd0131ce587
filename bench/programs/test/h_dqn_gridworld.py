import argparse
import random

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
seed = ap.parse_args().seed
random.seed(seed)
torch.manual_seed(seed)
N = 4
MOVES = torch.tensor([[0, 1], [0, -1], [1, 0], [-1, 0]])


def encode(pos):
    return nn.functional.one_hot(pos[:, 0] * N + pos[:, 1], N * N).float()


def step(pos, act):
    nxt = (pos + MOVES[act]).clamp(0, N - 1)
    done = (nxt == N - 1).all(1).float()
    return nxt, done, done


q, target = (nn.Sequential(nn.Linear(N * N, 48), nn.ReLU(), nn.Linear(48, 4)) for _ in range(2))
target.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=5e-3)
for it in range(500):
    pos = torch.randint(0, N, (32, 2))
    act = torch.randint(0, 4, (32,))
    nxt, r, done = step(pos, act)
    with torch.no_grad():
        goal = r + 0.9 * (1 - done) * target(encode(nxt)).max(1).values
    loss = nn.functional.smooth_l1_loss(q(encode(pos)).gather(1, act[:, None]).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 20 == 0:
        target.load_state_dict(q.state_dict())
    if it % 100 == 0:
        print(it, loss.item())
pos, won = torch.randint(0, N - 1, (200, 2)), torch.zeros(200)
for _ in range(2 * N):
    with torch.no_grad():
        pos, r, _ = step(pos, q(encode(pos)).argmax(1))
    won = torch.maximum(won, r)
print("reached", won.mean().item())
