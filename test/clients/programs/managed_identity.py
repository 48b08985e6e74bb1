"""managed_identity.py ACCOUNT CLIENT_ID RESOURCE_ID: reads a blob with each way the SDK has to name a managed identity; prints JSON."""
import base64
import json
import sys

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient

account, client_id, resource_id = sys.argv[1:4]
ways = {
    "default": lambda: DefaultAzureCredential(),
    "managed": lambda: ManagedIdentityCredential(),
    "clientId": lambda: ManagedIdentityCredential(client_id=client_id),
    "resourceId": lambda: ManagedIdentityCredential(identity_config={"mi_res_id": resource_id}),
    "another": lambda: ManagedIdentityCredential(client_id="00000000-0000-4000-8000-000000000000"),
}


def read(credential):
    service = BlobServiceClient(f"https://{account}.blob.core.windows.net", credential=credential, retry_total=0)
    return service.get_blob_client("notes", "hello.txt").download_blob().readall().decode()


answers = {}
for name, make in ways.items():
    try:
        answers[name] = read(make())
    except Exception as error:
        answers[name] = f"{type(error).__name__}: {error}"
token = None
try:
    payload = DefaultAzureCredential().get_token("https://storage.azure.com/.default").token.split(".")[1]
    token = json.loads(base64.urlsafe_b64decode(payload + "=="))
except Exception:
    pass
print(json.dumps({"answers": answers, "claims": token}))
