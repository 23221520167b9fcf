from services.directory.api import me, oauth, organisations, sessions, workers

ROUTERS = [me.router, workers.router, organisations.router, sessions.router, oauth.router]
