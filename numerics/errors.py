"""The one exception that means: the input cannot be used, and here is why."""


class InputError(ValueError):
    """Unusable input: names the file or object, the violated relation with its values, and what to do.

    The command line prints the message on one line and exits with status 2.
    """
