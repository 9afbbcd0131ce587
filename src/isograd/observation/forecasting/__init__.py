"""The parts of the forecast: a run without data, what flows forward, what flows back, and how sure that is."""
