"""From trials to a verdict: which metric decides, what the paired differences are, what they prove."""
