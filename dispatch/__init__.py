"""Emergency relief dispatch: plan, check, simulate and report whether the first batch is there in time."""

__version__ = "0.1.0"
