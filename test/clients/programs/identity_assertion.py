"""identity_assertion.py ACCOUNT TENANT APP_ID: reads a blob as an application that trusts the managed identity this program runs as; prints JSON."""

import base64
import json
import sys

from azure.identity import ClientAssertionCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient

account, tenant_id, app_id = sys.argv[1:]
identity = ManagedIdentityCredential()
credential = ClientAssertionCredential(
    tenant_id, app_id, lambda: identity.get_token("api://AzureADTokenExchange/.default").token
)


def read():
    service = BlobServiceClient(f"https://{account}.blob.core.windows.net", credential, retry_total=0)
    return service.get_blob_client("notes", "hello.txt").download_blob().readall().decode()


def claims():
    body = credential.get_token("https://storage.azure.com/.default").token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def attempt(call, failed):
    try:
        return call()
    except Exception as error:  # the test reads what went wrong
        return failed(error)


print(
    json.dumps(
        {
            "answer": attempt(read, lambda error: f"{type(error).__name__}: {error}"),
            "claims": attempt(claims, lambda error: None),
        }
    )
)
