import argparse

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
seed = p.parse_args().seed
np.random.seed(seed)
torch.manual_seed(seed)

data = load_breast_cancer()
X = data.data
y = data.target
idx = np.random.permutation(len(X))
X, y = X[idx], y[idx]
X_train = torch.FloatTensor(X[:400])
y_train = torch.FloatTensor(y[:400]).unsqueeze(1)
X_test = torch.FloatTensor(X[400:])
y_test = torch.FloatTensor(y[400:]).unsqueeze(1)


class BinaryClassifier(nn.Module):
    def __init__(self):
        super(BinaryClassifier, self).__init__()
        self.fc1 = nn.Linear(30, 16)
        self.fc2 = nn.Linear(16, 8)
        self.fc3 = nn.Linear(8, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = self.sigmoid(self.fc1(x))
        x = self.sigmoid(self.fc2(x))
        return self.sigmoid(self.fc3(x))


model = BinaryClassifier()
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.5)
for epoch in range(600):
    y_pred = model(X_train)
    loss = criterion(y_pred, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 100 == 0:
        print(f"Epoch {epoch+1}, loss {loss.item():.4f}")
with torch.no_grad():
    acc = ((model(X_test) > 0.5).float() == y_test).float().mean()
print(f"Accuracy: {acc:.4f}")
