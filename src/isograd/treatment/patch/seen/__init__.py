"""What a run left about the source: where modules, optimizers and steps stand."""
