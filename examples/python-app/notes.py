"""Step 4 of the walkthrough: the app's way to its storage account. Nothing here knows where it runs.

DefaultAzureCredential finds AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET in the environment.
"""
import re

from azure.core.exceptions import ResourceExistsError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

CONTAINER = "notes"


class Notes:
    """Small texts by name, each one a blob in the container `notes` of one storage account."""

    def __init__(self, account):
        token_credential = DefaultAzureCredential()
        blob_service_client = BlobServiceClient(
            account_url=f"https://{account}.blob.core.windows.net",
            credential=token_credential)
        self._container = blob_service_client.get_container_client(CONTAINER)

    def open(self):
        """Makes the container when it is not there yet; True when it was made now."""
        try:
            self._container.create_container()
            return True
        except ResourceExistsError:
            return False

    def write(self, name, content):
        self._container.upload_blob(name, content, overwrite=True)

    def read(self, name):
        return self._container.download_blob(name).readall()

    def names(self):
        return [blob.name for blob in self._container.list_blobs()]


def explain(error):
    """One line for an AzureError: Azure's own code first, as Azure's documentation names it."""
    message = str(error).strip()
    first_line = message.splitlines()[0] if message else type(error).__name__
    sign_in_code = re.search(r"AADSTS\d+[^\r\n]*", message)
    if sign_in_code:
        return sign_in_code.group(0)
    code = getattr(error, "error_code", None)
    status = getattr(error, "status_code", None)
    return f"{status} {getattr(code, 'value', code)}" if code else first_line
