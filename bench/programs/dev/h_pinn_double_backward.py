import argparse

import torch

torch.set_default_dtype(torch.float64)
ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
net = torch.nn.Sequential(
    torch.nn.Linear(1, 24), torch.nn.Tanh(), torch.nn.Linear(24, 24), torch.nn.Tanh(), torch.nn.Linear(24, 1)
)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
t0, u0 = torch.zeros(1, 1), torch.ones(1, 1)
for step in range(600):
    t = torch.rand(64, 1, requires_grad=True)
    u = net(t)
    (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    loss = ((du + 2 * u) ** 2).mean() + 10 * ((net(t0) - u0) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 150 == 0:
        print(step, loss.item())
t = torch.linspace(0, 1, 101).unsqueeze(1)
with torch.no_grad():
    print("largest error", (net(t) - torch.exp(-2 * t)).abs().max().item())
