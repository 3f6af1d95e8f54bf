"""The one exception that means: the input cannot be used, and here is why."""


class InputError(ValueError):
    """Unusable input: names the file or object, the violated relation (shapes, values), and what to do; a ValueError.

    The command line prints the message on one line and exits with status 2.

    >>> try:
    ...     sk.Data([[1.0], [2.0]], [[1.0]])
    ... except sk.InputError as error:
    ...     print(error)
    X has 2 rows but Y has 1: one target per point is needed
    """
