"""Cases in one process: HTTP and message work together, as the embedded run starts it."""

from services.cases import main, worker
from services.cases.settings import Settings
from shared.process import run_both

if __name__ == "__main__":
    run_both(main.SERVICE, Settings, main.build, worker.build)
