"""The web application: routes, and what the outside sees when something is wrong."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import AfterValidator, BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from starlette.exceptions import HTTPException

from noticeboard.database import Database
from noticeboard.health import health_routes
from noticeboard.logs import start_logging
from noticeboard.messages import LARGEST_ID, Board, Message, Page, clean_text
from noticeboard.page import CONTENT_SECURITY_POLICY, View, render
from noticeboard.release import running_release
from noticeboard.settings import Settings
from noticeboard.traffic import Traffic

PAGE_SIZE = 20
"""Messages in one answer, unless the client asks for another number (at most 100)."""
UNAVAILABLE = "The database is not available right now. Please try again."
DATABASE_ERRORS = (OperationalError, InterfaceError, NoFreeConnection)
"""Cannot connect, connection lost, statement too slow, no free connection in time: the database's state, not a bug."""

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

Before = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


class NewMessage(BaseModel):
    """The body of POST /api/messages."""

    text: Annotated[str, AfterValidator(clean_text)]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application. Settings come from the environment unless given; raises SettingsError if they are wrong.

    Nothing is connected to: it can be loaded once and then forked.
    """
    settings = settings or Settings.from_environment(os.environ)
    start_logging(settings.log_level)
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(title="Noticeboard", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Traffic, headers=HEADERS)
    app.include_router(health_routes(database))
    _api(app, Board(database))
    _page(app, Board(database), settings)
    _errors(app)
    return app


def _api(app: FastAPI, board: Board) -> None:
    @app.get("/api/messages")
    def read(limit: Annotated[int, Query(ge=1, le=100)] = PAGE_SIZE, before: Before = None) -> Page:
        return board.page(limit, before)

    @app.post("/api/messages", status_code=201)
    def add(message: NewMessage) -> Message:
        return board.add(message.text)


def _page(app: FastAPI, board: Board, settings: Settings) -> None:
    def shown(before: int | None = None, draft: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
        try:
            page = board.page(PAGE_SIZE, before)
        except DATABASE_ERRORS:
            page, problem, status = None, UNAVAILABLE, 503
        view = View(settings.environment, running_release(settings), page, draft, problem)
        return HTMLResponse(render(view), status)

    @app.api_route("/", methods=["GET", "HEAD"])
    def home(before: Before = None) -> HTMLResponse:
        return shown(before)

    @app.post("/")
    async def submit(request: Request) -> Response:
        draft = _form_text(await request.body())
        return await run_in_threadpool(submitted, draft)

    def submitted(draft: str) -> Response:
        try:
            board.add(clean_text(draft))
        except ValueError as error:
            return shown(draft=draft.replace("\0", ""), problem=f"The message {error}.", status=422)
        except DATABASE_ERRORS:
            return shown(draft=draft, problem=UNAVAILABLE, status=503)
        return RedirectResponse("/", 303)


def _form_text(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError as error:
        raise HTTPException(422, "the form could not be read") from error
    # A browser sends each line's end as two characters; one is what was typed and counted.
    return fields.get("text", [""])[0].replace("\r\n", "\n")


def _errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query")) or "body"
        return JSONResponse({"error": f"{where}: {first['msg'].removeprefix('Value error, ')}"}, 422)

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    def unavailable(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": UNAVAILABLE}, 503, {"retry-after": "1"})

    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, unavailable)
