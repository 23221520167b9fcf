"""Every setting that a process of Sinergi reads, by the process's conventions."""

SERVICES = ("directory", "registry", "cases", "notifications")
COMMON = {
    "REDIS_URL",
    "REDIS_PREFIX",
    "LOG_LEVEL",
    "ENVIRONMENT",
    *(f"{service.upper()}_URL" for service in SERVICES),
}
PER_SERVICE = (
    "HOST",
    "PORT",
    "DATABASE_URL",
    "WORKER_DATABASE_URL",
    "CLIENT_SECRET",
    "POOL_SIZE",
)
OWN = {
    "directory": {"DIRECTORY_SIGNING_KEY", "DIRECTORY_CLIENTS"},
    "registry": {"REGISTRY_NIK_KEYS", "REGISTRY_NIK_INDEX_KEY", "REGISTRY_IMPORTS_URL"},
    "cases": {"CASES_ATTACHMENT_KEYS", "CASES_ATTACHMENTS_URL"},
    "notifications": set[str](),
}
OWN_STORE = {
    f"{store}_{name}"
    for store in ("CASES_ATTACHMENTS", "REGISTRY_IMPORTS")
    for name in ("ENDPOINT", "REGION", "KEY_ID", "SECRET")
}
"""What only a store of one's own for uploaded files needs; empty with a folder."""
TUNED_PER_SERVICE = ("SLOT", "CLAIM_AFTER_MS", "RECONCILE_SECONDS")
TUNED = {
    "directory": {
        f"DIRECTORY_ARGON2_{name}" for name in ("TIME_COST", "MEMORY_KIB", "PARALLELISM")
    },
    "notifications": {f"NOTIFICATIONS_STREAM_{name}" for name in ("HEARTBEAT_SECONDS", "SECONDS")},
}
"""What an operator of containers may change; the embedded run leaves the defaults."""
LEFT_OUT = {
    f"{service.upper()}_{name}"
    for service in SERVICES
    for name in ("WORKER_PORT", "RELAY_CHECK_LOSS", "RELAY_LOCK")
}
"""No business of an operator: a container has ports of its own, the other two are for tests."""
PORTAL = {
    "PORTAL_HOST",
    "PORTAL_PORT",
    "PORTAL_CLIENT_SECRET",
    "PORTAL_MAP_FOLDER",
    "PORTAL_SECURE_COOKIE",
}


def names_of(process: str) -> set[str]:
    """Every setting one process reads."""
    if process == "portal":
        return COMMON | PORTAL
    return COMMON | {f"{process.upper()}_{name}" for name in PER_SERVICE} | OWN[process]


def tuned_of(process: str) -> set[str]:
    """What an operator may tune of one process."""
    if process == "portal":
        return set()
    return {f"{process.upper()}_{name}" for name in TUNED_PER_SERVICE} | TUNED.get(process, set())


EVERY_NAME = set().union(*(names_of(process) for process in (*SERVICES, "portal")))
