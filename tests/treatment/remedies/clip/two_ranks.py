"""What one of two processes does in `test_two_ranks`: trains the same network alone, under DDP and under FSDP2.

Usage: two_ranks.py RANK STORE_FILE
"""

import os
import sys

import torch
from torch import distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from isograd.treatment.remedies.clip import AdaptiveClip, AutoClip, ClipNorm, ClipValue, ZClip
from isograd.treatment.remedies.precision import LossScale

KINDS = {
    "norm": lambda model: ClipNorm(model.parameters(), 0.5),
    "value": lambda model: ClipValue(model.parameters(), 0.05),
    "adaptive": AdaptiveClip.of,
    "auto": lambda model: AutoClip(model.parameters(), 50.0),
    "zscore": lambda model: ZClip(model.parameters(), warmup=3),
    "scaled": lambda model: LossScale(init_scale=2.0**10),
}


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 7), nn.Tanh(), nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 1))


def batch(step, spike):
    x = torch.randn(8, 6, generator=torch.Generator().manual_seed(step))
    return x, x.sum(1, keepdim=True) * (spike if step == 6 else 1.0)


def train(model, clip, rows, bad_rank=-1):
    spike = 1.0 if isinstance(clip, LossScale) else 100.0  # what nothing cuts makes a roundoff large
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    handle = clip.attach(optimizer)
    for step in range(9):
        x, y = batch(step, spike)
        optimizer.zero_grad()
        loss = (model(x[rows]) - y[rows]).square().mean()
        if step == 4 and bad_rank in (distributed.get_rank(), 99):
            loss = loss * float("nan")
        loss.backward()
        optimizer.step()
    handle.remove()
    return clip


def whole(parameter):
    return parameter.full_tensor() if hasattr(parameter, "full_tensor") else parameter


def compare(name, kind, wrap, rank, bad_rank):
    alone, shared = net(), wrap(net())
    inner = shared.module if hasattr(shared, "module") else shared
    expected = train(alone, kind(alone), slice(None), 99 if bad_rank >= 0 else -1)
    found = train(shared, kind(inner), slice(4 * rank, 4 * rank + 4), bad_rank)
    for a, b in zip(alone.parameters(), inner.parameters(), strict=True):
        assert torch.allclose(a, whole(b), rtol=1e-4, atol=1e-6), (name, a, whole(b))
    if name != "scaled":
        assert (found.steps, found.left_out) == (expected.steps, expected.left_out), name
    if name not in ("scaled", "value"):  # a cut entry is known to the rank that holds it
        assert found.bound == expected.bound > 0, name


def huge(wrap):
    """Gradients whose norm float32 cannot hold, in shards."""
    model = wrap(net())
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter) + 1e25
    count = sum(p.numel() for p in model.parameters())
    norm = ClipNorm(model.parameters(), 1.0).clip_()
    assert abs(norm / (1e25 * count**0.5) - 1) < 1e-4, norm
    assert all(torch.allclose(whole(p.grad), torch.tensor(count**-0.5), rtol=1e-3) for p in model.parameters())


def main(rank, store):
    distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    mesh = init_device_mesh("cpu", (2,))

    def sharded(model):
        for layer in model:
            if isinstance(layer, nn.Linear):
                fully_shard(layer, mesh=mesh)
        return fully_shard(model, mesh=mesh)

    for name, kind in KINDS.items():
        compare(name, kind, nn.parallel.DistributedDataParallel, rank, -1)
        compare(name, kind, sharded, rank, -1)
        compare(name, kind, sharded, rank, 1)
    huge(sharded)
    distributed.barrier()
    distributed.destroy_process_group()
    print("done", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(int(sys.argv[1]), sys.argv[2])
    os._exit(0)  # the meshes keep gloo's threads, and the interpreter's own exit aborts on them now and then
