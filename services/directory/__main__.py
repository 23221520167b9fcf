"""Directory in one process: HTTP and message work together, as the embedded run starts it."""

from services.directory import main, worker
from services.directory.settings import Settings
from shared.process import run_both

if __name__ == "__main__":
    run_both(main.SERVICE, Settings, main.build, worker.build)
