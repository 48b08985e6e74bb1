"""The same notes as a web app, without a framework: GET / lists, PUT /NAME stores, GET /NAME reads.

Under gunicorn it is wsgi:app. STORAGE_ACCOUNT names the storage account.
"""
import os
from http import HTTPStatus

from azure.core.exceptions import AzureError, ResourceNotFoundError

from notes import Notes, explain

# The largest note taken, in bytes: a web app must bound what it reads into memory.
NOTE_LIMIT_BYTES = 1024 * 1024

notes = Notes(os.environ["STORAGE_ACCOUNT"])


def app(environ, start_response):
    """The WSGI entry point."""
    try:
        status, body = answer(environ)
    except ResourceNotFoundError as error:
        status, body = HTTPStatus.NOT_FOUND, explain(error).encode()
    except AzureError as error:
        status, body = HTTPStatus.BAD_GATEWAY, explain(error).encode()
    start_response(
        f"{status.value} {status.phrase}",
        [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]


def answer(environ):
    method = environ["REQUEST_METHOD"]
    name = environ.get("PATH_INFO", "/").lstrip("/")
    if method == "GET" and not name:
        return HTTPStatus.OK, "".join(f"{found}\n" for found in notes.names()).encode()
    if method == "GET":
        return HTTPStatus.OK, notes.read(name)
    if method == "PUT" and name:
        return store(environ, name)
    return HTTPStatus.METHOD_NOT_ALLOWED, b"GET /, GET /NAME or PUT /NAME\n"


def store(environ, name):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > NOTE_LIMIT_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"A note is at most 1 MiB\n"
    notes.open()
    notes.write(name, environ["wsgi.input"].read(size))
    return HTTPStatus.CREATED, b"stored\n"
