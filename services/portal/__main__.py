"""The portal has no message work: its one process serves the pages."""

from services.portal.main import main

if __name__ == "__main__":
    main()
