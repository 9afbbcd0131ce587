"""`python -m isograd` is the command line, so that `torchrun -m isograd run train.py` works."""

from isograd.cli import main

if __name__ == "__main__":
    main()
