import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
policy = nn.Sequential(nn.Linear(7, 24), nn.Tanh(), nn.Linear(24, 2))
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
baseline, wins = 0.0, []
for episode in range(250):
    pos = torch.full((8,), 3)
    goal = torch.randint(0, 2, (8,)) * 6
    logp, ret = torch.zeros(8), torch.zeros(8)
    for t in range(6):
        obs = nn.functional.one_hot(pos, 7).float()
        obs[:, 0] = obs[:, 0] + (goal == 0)  # which end holds the prize
        dist = torch.distributions.Categorical(logits=policy(obs))
        act = dist.sample()
        logp = logp + dist.log_prob(act)
        pos = (pos + act * 2 - 1).clamp(0, 6)
        ret = torch.maximum(ret, (pos == goal).float() * (1 - 0.05 * t))
    loss = -((ret - baseline) * logp).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * ret.mean().item()
    wins.append((ret > 0).float().mean().item())
    if episode % 50 == 0:
        print(episode, loss.item(), wins[-1])
print("wins", sum(wins[-30:]) / 30)
