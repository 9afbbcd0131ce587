"""Whether a training computes in float16."""

import torch

from isograd.treatment.patient import Patient


def computes_in_half(patient: Patient) -> bool:
    """True if float16 was seen in the untreated training, or is in the model; also where nothing was seen."""
    if patient.observed is not None and patient.observed.network.number_format:
        if patient.observed.network.number_format == "float16":
            return True
    elif patient.observed is None:
        return True  # its loss may open an autocast region
    return any(p.dtype == torch.float16 for p in patient.model.parameters())
