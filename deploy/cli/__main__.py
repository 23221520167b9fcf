"""`python -m deploy.cli` is the `sinergi` command where no script is installed."""

from deploy.cli.app import main

if __name__ == "__main__":
    main()
