"""Questions asked many times over: the demo, the separation, sweeps."""
