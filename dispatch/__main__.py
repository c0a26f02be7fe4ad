"""``python -m dispatch`` is the command ``dispatch``."""

from dispatch.cli import main

main()
