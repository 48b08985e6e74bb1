"""blob_probe.py read|write ACCOUNT CONTAINER BLOB: one operation; prints "done" or Azure's status and code."""
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

operation, account, container, name = sys.argv[1:]
blob = BlobServiceClient(
    account_url=f"https://{account}.blob.core.windows.net",
    credential=DefaultAzureCredential()).get_blob_client(container, name)
try:
    if operation == "read":
        blob.download_blob().readall()
    else:
        blob.upload_blob(b"probe", overwrite=True)
    print("done")
except HttpResponseError as error:
    print(error.status_code, getattr(error.error_code, "value", error.error_code), file=sys.stderr)
    sys.exit(1)
