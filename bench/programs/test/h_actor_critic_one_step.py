import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(3, 64), nn.Linear(64, 64), nn.Linear(64, 1)
        nn.init.uniform_(self.l3.weight, -3e-3, 3e-3)

    def forward(self, s):
        return torch.tanh(self.l3(torch.relu(self.l2(torch.relu(self.l1(s))))))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(4, 64), nn.Linear(64, 64), nn.Linear(64, 1)

    def forward(self, s, a):
        return self.l3(torch.relu(self.l2(torch.relu(self.l1(torch.cat([s, a], 1))))))


actor, critic = Actor(), Critic()
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=3e-3)
want = lambda s: 0.6 * torch.sin(2 * s[:, :1])
for step in range(700):
    s = torch.rand(128, 3) * 2 - 1
    with torch.no_grad():
        a = (actor(s) + 0.5 * torch.randn(128, 1)).clamp(-1, 1)
    r = -((a - want(s)) ** 2) + 0.3 * torch.randn(128, 1)
    critic_loss = nn.functional.mse_loss(critic(s, a), r)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    actor_loss = -critic(s, actor(s)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    if step % 150 == 0:
        print(step, critic_loss.item(), actor_loss.item())
s = torch.rand(1000, 3) * 2 - 1
with torch.no_grad():
    print("regret", ((actor(s) - want(s)) ** 2).mean().item())
