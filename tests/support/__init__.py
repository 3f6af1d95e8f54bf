"""Tools of the tests that are run by hand as well: mutants of the checker, forgeries of certificates."""
