"""Predict the next character of English text with a small causal Transformer.

Data: the reference texts in Python's own `pydoc_data.topics`, 465,000 characters; the last tenth is held out.
Network: three pre-norm blocks of causal self-attention and a GELU perceptron, learned positions, 64 characters back.
Training: AdamW with linear warm-up, gradients clipped to norm 1, batches of 16 windows.
"""

import argparse
from pydoc_data.topics import topics

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CONTEXT = 64


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x: Tensor) -> Tensor:
        batch, time, width = x.shape
        q, k, v = (t.view(batch, time, self.heads, -1).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.project(y.transpose(1, 2).reshape(batch, time, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class CharTransformer(nn.Module):
    def __init__(self, characters: int, width: int = 96, heads: int = 4, depth: int = 3) -> None:
        super().__init__()
        self.token = nn.Embedding(characters, width)
        self.position = nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, characters)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token(tokens) + self.position(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def load_text() -> tuple[Tensor, Tensor, int]:
    text = "\n".join(topics[name] for name in sorted(topics))
    code = {character: number for number, character in enumerate(sorted(set(text)))}
    data = torch.tensor([code[character] for character in text])
    cut = len(data) * 9 // 10
    return data[:cut], data[cut:], len(code)


def sample(data: Tensor, size: int) -> tuple[Tensor, Tensor]:
    start = torch.randint(len(data) - CONTEXT - 1, (size, 1))
    window = data[start + torch.arange(CONTEXT + 1)]
    return window[:, :-1], window[:, 1:]


@torch.no_grad()
def evaluate(model: nn.Module, data: Tensor) -> tuple[float, float]:
    inputs, targets = sample(data, 128)
    logits = model(inputs)
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return loss.item(), (logits.argmax(dim=-1) == targets).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train, held_out, characters = load_text()
    model = CharTransformer(characters)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.1)
    warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 50))

    for step in range(args.steps):
        inputs, targets = sample(train, 16)
        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        warmup.step()
        if step % 40 == 0:
            print(f"step {step:4d}  loss {loss.item():.4f}", flush=True)

    loss, accuracy = evaluate(model, held_out)
    print(f"test loss {loss:.4f}  test accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
