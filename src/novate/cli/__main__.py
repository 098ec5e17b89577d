"""`python -m novate.cli`: the same as `novate`."""

from novate.cli.main import main

main()
