"""Writes one note, reads it back, lists all, and says what it did.

    STORAGE_ACCOUNT=mystorage python3 app.py        or        python3 app.py mystorage
"""
import os
import sys

from azure.core.exceptions import AzureError

from notes import CONTAINER, Notes, explain

NAME = "hello.txt"
TEXT = b"Hello from outside Azure.\n"


def main():
    account = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("STORAGE_ACCOUNT")
    if not account:
        print("Which storage account? Name it as the argument or in STORAGE_ACCOUNT.", file=sys.stderr)
        return 2
    notes = Notes(account)
    try:
        print(f"{'made' if notes.open() else 'found'} the container {CONTAINER} in {account}")
        notes.write(NAME, TEXT)
        print(f"wrote {CONTAINER}/{NAME} ({len(TEXT)} bytes)")
        print(f"read  {CONTAINER}/{NAME}: {notes.read(NAME).decode().strip()}")
        print(f"listed {CONTAINER}: {', '.join(notes.names())}")
    except AzureError as error:
        print(f"refused: {explain(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
