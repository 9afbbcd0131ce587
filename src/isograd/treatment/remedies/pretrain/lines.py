"""How a user writes pre-training: with batches of his own loader, whose name isograd does not know."""

from isograd.facts.treatment import Code, Settings
from isograd.treatment.patient import Patient


def code(function: str, patient: Patient, settings: Settings) -> Code:
    """Lines for the place before the optimizer is made.

    Args:
        function: Its name in `isograd.remedies`.
        patient: Whose recorded calls tell how many batches were used, and how the model takes one.
        settings: Arguments of the function.
    """
    arguments = ", ".join(f"{name}={value!r}" for name, value in settings.items() if value is not None)
    return Code(
        advice=(
            f"from isograd.remedies import first_batches, {function}\n"
            "\n"
            "# Before the optimizer is made; train_loader is what your training takes its batches from.\n"
            f"# Each input is what the model is called with{_hint(patient)}.\n"
            f"inputs = [batch[0] for batch in first_batches(train_loader, {len(patient.calls)})]\n"
            f"{function}({{model}}, inputs, {arguments})\n"
        )
    )


def _hint(patient: Patient) -> str:
    args, kwargs = len(patient.calls[0].args), list(patient.calls[0].kwargs)
    if args == 1 and not kwargs:
        return ", mostly the first part of a batch"
    if not kwargs:
        return f": a tuple of its {args} arguments"
    if not args:
        return f": a dictionary of {', '.join(kwargs)}"
    return f": `Call(args, kwargs)` of isograd.remedies, with {args} arguments and {', '.join(kwargs)}"
