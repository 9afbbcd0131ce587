"""`activation:prelu`: a learnt slope below zero, 0.25 at first, with He initialisation for that slope.

One slope for each module that is exchanged, and for each module in whose method a call is: a call in a loop over layers
shares its slope. The slopes are new parameters with keys of their own in the state dict.
"""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

PRELU = ActivationRemedy(Kind("prelu", "prelu", nn.PReLU, "", None, initial="he", slope=0.25))
"""He and others 2015."""
