"""Files as bytes: read within bounds, written whole or not at all; arrays from `.npz`, never pickled."""

from numerics.files.disk import (
    LARGEST,
    prepare_folder,
    read_bounded,
    require_writable,
    write_atomically,
)

__all__ = [
    "LARGEST",
    "prepare_folder",
    "read_bounded",
    "require_writable",
    "write_atomically",
]
