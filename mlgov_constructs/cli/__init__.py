"""The ``mlgov`` command; each subcommand is imported when it is called."""
