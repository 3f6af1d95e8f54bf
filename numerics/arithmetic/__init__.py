"""The finder's arithmetics: the same few operations, exact or fast."""
