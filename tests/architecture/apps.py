"""The app of each service, as its process would serve it, with no server behind."""

import importlib

from fastapi import FastAPI

from shared.settings import CommonSettings

NOWHERE = "127.0.0.1:9"
"""Where nothing listens."""


def build(service: str) -> FastAPI:
    main = importlib.import_module(f"services.{service}.main")
    settings = importlib.import_module(f"services.{service}.settings").Settings()
    app: FastAPI = main.build(settings, CommonSettings())
    return app
