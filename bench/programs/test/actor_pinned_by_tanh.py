import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
actor = nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1), nn.Tanh())
critic = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
with torch.no_grad():
    actor[4].weight.mul_(300)
a_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
c_opt = torch.optim.Adam(critic.parameters(), lr=3e-3)


def best(s):
    return 0.6 * torch.sin(2 * s[:, :1])


for step in range(600):
    s = torch.rand(128, 3) * 2 - 1
    with torch.no_grad():
        a = (actor(s) + 0.5 * torch.randn(128, 1)).clamp(-1, 1)
    reward = -((a - best(s)) ** 2)
    q_loss = nn.functional.smooth_l1_loss(critic(torch.cat([s, a], 1)), reward)
    c_opt.zero_grad()
    q_loss.backward()
    c_opt.step()
    a_loss = -critic(torch.cat([s, actor(s)], 1)).mean()
    a_opt.zero_grad()
    a_loss.backward()
    a_opt.step()
    if step % 150 == 0:
        print(step, q_loss.item(), a_loss.item())
s = torch.rand(1000, 3) * 2 - 1
with torch.no_grad():
    print("regret", ((actor(s) - best(s)) ** 2).mean().item())
