"""The two ways in which the checker declines: the user's input, or the certificate."""


class Unusable(Exception):
    """The user's input cannot be used: a missing file, bad data, network or level, too little memory.

    The message is one line: the file, the relation violated, what to do. Exit status 2.
    """


class Refused(Exception):
    """The certificate does not establish what it claims: malformed, damaged or forged. Exit status 1."""
