"""Lets a wrapper take notice that the parameters of its module are others than when it was made."""

from torch import nn
from torch.nn.parallel import DistributedDataParallel


def rewrap(wrapper: nn.Module) -> None:
    """Makes DistributedDataParallel sort its parameters into buckets again, with the options that it was given.

    It registers its parameters with a reducer when it is made; those that came since would never be averaged, and it
    would wait for those that are gone. Other wrappers look the parameters up when they are called.
    """
    if not isinstance(wrapper, DistributedDataParallel):
        return
    training = wrapper.training
    DistributedDataParallel.__init__(
        wrapper,
        wrapper.module,
        device_ids=wrapper.device_ids,
        output_device=wrapper.output_device,
        dim=wrapper.dim,
        broadcast_buffers=wrapper.broadcast_buffers,
        process_group=wrapper.process_group,
        find_unused_parameters=wrapper.find_unused_parameters,
        gradient_as_bucket_view=wrapper.gradient_as_bucket_view,
        static_graph=wrapper.static_graph,
    )
    wrapper.training = training
