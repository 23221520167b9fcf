"""The HTTP resources of cases."""

from services.cases.api import case_files, reference, referrals, worklist

ROUTERS = [referrals.router, worklist.router, case_files.router, reference.router]
