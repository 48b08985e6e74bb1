"""gunicorn's settings: two workers, loopback only; put a web server with TLS before it to serve others."""
import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = 2
