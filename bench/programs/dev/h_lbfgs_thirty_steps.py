import argparse

import torch
from sklearn.datasets import make_circles
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = make_circles(1000, noise=0.1, factor=0.5, random_state=1)
x, y = torch.tensor(x).float(), torch.tensor(y).float().unsqueeze(1)
net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))
opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=5)
for step in range(30):

    def closure():
        opt.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[:700]), y[:700])
        loss.backward()
        return loss

    print(step, opt.step(closure).item())
print("acc", ((net(x[700:]) > 0).float() == y[700:]).float().mean().item())
