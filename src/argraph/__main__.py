"""`python -m argraph`."""

from argraph.app.cli import main

main()
