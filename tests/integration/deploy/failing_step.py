"""A preparation that fails, for tests of the supervisor."""

import sys

sys.exit("the reason why")
