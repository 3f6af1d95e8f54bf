"""The two ways in which the checker declines: the user's input, or the certificate."""

from .speech import printable


class _Declined(Exception):
    """Its message quotes what nobody has vouched for, so it is escaped here, once."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class Unusable(_Declined):
    """The user's input cannot be used: a missing file, bad data, network or level, too little memory.

    The message is one line: the file, the relation violated, what to do. Exit status 2.
    """


class Refused(_Declined):
    """The certificate does not establish what it claims: malformed, damaged or forged. Exit status 1."""
