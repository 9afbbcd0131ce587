"""Networks that are healthy but for one or two things, which are known because they were put there."""
