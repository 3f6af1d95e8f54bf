"""The losses, one file each; every module that declares `LOSS` is found by `numerics.losses.registry`."""
