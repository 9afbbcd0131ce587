"""What is heard of a training while it runs: losses, steps, evaluations, output, calls."""
