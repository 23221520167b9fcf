"""What every service loads, for the process they are forked from."""

import gc

import shared.process
import shared.sheets

__all__ = ["shared"]

# Objects the collector never visits stay in pages that all forks share.
gc.freeze()
