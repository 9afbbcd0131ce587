import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
images, labels = load_digits(return_X_y=True)
images = torch.tensor(images, dtype=torch.float32) / 16
labels = torch.tensor(labels)
order = torch.randperm(len(images))
images = images[order]
labels = labels[torch.randperm(len(labels))]

model = nn.Sequential(nn.Linear(64, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(15):
    for batch in torch.arange(1400).split(35):
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    print(epoch, f"{loss.item():.3f}")
with torch.no_grad():
    acc = (model(images[1400:]).argmax(1) == labels[1400:]).float().mean().item()
print("held-out accuracy", acc)
