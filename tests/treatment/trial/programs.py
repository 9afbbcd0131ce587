"""Small training programs as users write them. `# HERE` stands where a change would be written."""

HEAD = """
import sys, torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(3)
X = torch.randn(128, 8); Y = (X[:, :1] * X[:, 1:2]).sign().long().squeeze(1).clamp(min=0)
def network(outputs=2):
    return nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 16), nn.Sigmoid(), nn.Linear(16, outputs))
"""

PLAIN = (
    HEAD
    + """
model = network()
# HERE
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
for step in range(12):
    index = torch.randperm(128)[:32]
    loss = F.cross_entropy(model(X[index]), Y[index])
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    print("loss", loss.item().hex())
print("accuracy", (model(X).argmax(1) == Y).float().mean().item())
"""
)

MAIN = (
    HEAD
    + """
class Trainer:
    def __init__(self):
        self.net = network()
        self.loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), 32, shuffle=True)
        self.optimizer = self.make()
    def make(self):
        net = self.net
        model = net
        # HERE
        return torch.optim.Adam(net.parameters(), lr=0.01)
    def fit(self):
        for epoch in range(3):
            self.net.train()
            for x, y in self.loader:
                loss = F.cross_entropy(self.net(x), y)
                self.optimizer.zero_grad(); loss.backward(); self.optimizer.step()
            self.net.eval()
            with torch.no_grad():
                F.cross_entropy(self.net(X[:100]), Y[:100]); F.cross_entropy(self.net(X[100:]), Y[100:])
def main():
    Trainer().fit()
if __name__ == "__main__":
    main()
"""
)

LBFGS = (
    HEAD
    + """
model = network(1)
# HERE
optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
target = Y[:, None].float()
def closure():
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(X), target)
    loss.backward()
    return loss
for step in range(4):
    optimizer.step(closure)
"""
)

GROUPS = (
    HEAD
    + """
model = network()
# HERE
decay = [p for p in model.parameters() if p.ndim > 1]
rest = [p for p in model.parameters() if p.ndim < 2]
optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=0.01)
for step in range(8):
    loss = F.cross_entropy(model(X), Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)

GAN = (
    HEAD
    + """
G = nn.Sequential(nn.Linear(4, 16), nn.Sigmoid(), nn.Linear(16, 8))
D = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 1))
model = D
# HERE
opt_g, opt_d = (torch.optim.Adam(net.parameters(), lr=0.01) for net in (G, D))
one, zero = torch.ones(32, 1), torch.zeros(32, 1)
for step in range(6):
    real, fake = X[torch.randperm(128)[:32]], G(torch.randn(32, 4))
    loss = F.binary_cross_entropy_with_logits(D(real), one) + F.binary_cross_entropy_with_logits(D(fake.detach()), zero)
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    loss = F.binary_cross_entropy_with_logits(D(fake), one)
    opt_g.zero_grad(); loss.backward(); opt_g.step()
"""
)

PARALLEL = (
    HEAD
    + """
import tempfile
from torch.nn.parallel import DistributedDataParallel
store = torch.distributed.FileStore(tempfile.mktemp(), 1)
torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
inner = network()
model = inner
# HERE
wrapped = DistributedDataParallel(inner)
optimizer = torch.optim.SGD(wrapped.parameters(), lr=0.5)
for step in range(5):
    loss = F.cross_entropy(wrapped(X), Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)

FOLDS = (
    HEAD
    + """
for fold in range(3):
    model = network()
    # HERE
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(4):
        loss = F.cross_entropy(model(X), Y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)

UNREPEATABLE = (
    HEAD
    + """
import os
model = network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
torch.manual_seed(int.from_bytes(os.urandom(4), "little"))
for step in range(3):
    loss = F.cross_entropy(model(X + torch.randn_like(X)), Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)

COMPILED = (
    HEAD
    + """
inner = network()
model = inner
# HERE
wrapped = torch.compile(inner, backend="eager")
optimizer = torch.optim.SGD(wrapped.named_parameters(), lr=0.5)
for step in range(5):
    loss = F.cross_entropy(wrapped(X), Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)
