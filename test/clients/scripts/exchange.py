"""Reads a request a line and writes a reply a line, as client-process.ts speaks of; how one is signed and sent is the client's."""

import base64
import os
import sys

KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
REGION = os.environ["AWS_REGION"]
SERVICE = "execute-api"


def exchange(send):
    """send(method, url, body as bytes or None, headers as a dict) gives status and body."""
    for line in sys.stdin:
        method, url, body, *headers = line.rstrip("\n").split("\t")
        sent = None if body == "-" else base64.b64decode(body)
        try:
            status, reply = send(method, url, sent, dict(header.split("=", 1) for header in headers))
        except Exception as failed:  # A client that gives up is a result, too.
            status, reply = "ERROR", f"{type(failed).__name__}: {failed}".encode()
        print(status, base64.b64encode(reply).decode(), sep="\t", flush=True)
