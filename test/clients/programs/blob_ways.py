"""blob_ways.py ACCOUNT KEY: signatures by the account's key and by the user, snapshots, leases, as Debian's SDK does them. Prints JSON."""
import base64
import hashlib
import json
import sys
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import (
    AccountSasPermissions, BlobClient, BlobSasPermissions, BlobServiceClient, ContainerClient, ContainerSasPermissions,
    CustomerProvidedEncryptionKey, ResourceTypes, StaticWebsite, generate_account_sas, generate_blob_sas, generate_container_sas)

account, key = sys.argv[1:]
url = f"https://{account}.blob.core.windows.net"
now = datetime.now(timezone.utc)
soon, past = now + timedelta(hours=1), now - timedelta(hours=1)
service = BlobServiceClient(url, credential=DefaultAzureCredential())
container = service.get_container_client("box")
container.create_container()
blob = container.upload_blob("a letter.txt", b"one")
outcomes = {}


def attempt(name, action):
    """Keeps what an action answers, or Azure's code when it is refused."""
    try:
        outcomes[name] = action()
    except HttpResponseError as error:
        outcomes[name] = str(getattr(error.error_code, "value", error.error_code))


def reading(sas, at=None):
    return BlobClient(url, "box", at or "a letter.txt", credential=sas).download_blob().readall().decode()


of_blob = generate_blob_sas(account, "box", "a letter.txt", account_key=key, permission=BlobSasPermissions(read=True), expiry=soon)
attempt("of the blob", lambda: reading(of_blob))
attempt("of the blob, for another", lambda: reading(of_blob, "other"))
expired = generate_blob_sas(account, "box", "a letter.txt", account_key=key, permission=BlobSasPermissions(read=True), expiry=past)
attempt("expired", lambda: reading(expired))
elsewhere = generate_blob_sas(
    account, "box", "a letter.txt", account_key=key, permission=BlobSasPermissions(read=True), expiry=soon, ip="198.51.100.1")
attempt("from elsewhere", lambda: reading(elsewhere))
of_account = generate_account_sas(
    account, key, ResourceTypes(service=True, container=True, object=True), AccountSasPermissions(read=True, list=True), soon)
attempt("of the account", lambda: [item.name for item in BlobServiceClient(url, credential=of_account).list_containers()])

delegation = service.get_user_delegation_key(past, soon)


def delegated(**letters):
    return generate_container_sas(
        account, "box", user_delegation_key=delegation, permission=ContainerSasPermissions(**letters), expiry=soon)


attempt("delegated", lambda: reading(delegated(read=True)))
attempt("delegated, listed", lambda: [item.name for item in ContainerClient(url, "box", delegated(list=True)).list_blobs()])
attempt("delegated, without the letter", lambda: reading(delegated(list=True)))

snapshot = blob.create_snapshot()["snapshot"]
blob.upload_blob(b"two", overwrite=True)
attempt("snapshot", lambda: container.get_blob_client("a letter.txt", snapshot=snapshot).download_blob().readall().decode())
attempt("snapshot, listed", lambda: [item.snapshot is not None for item in container.list_blobs(include=["snapshots"])])
attempt("deleted with snapshots", lambda: blob.delete_blob())

lease = blob.acquire_lease(15)
attempt("leased, without", lambda: blob.upload_blob(b"three", overwrite=True))
attempt("leased, with", lambda: blob.upload_blob(b"three", overwrite=True, lease=lease) and "done")
attempt("leased again", lambda: blob.acquire_lease(15))
lease.release()
attempt("released", lambda: blob.upload_blob(b"four", overwrite=True) and reading(of_blob))
attempt("deleted", lambda: blob.delete_blob(delete_snapshots="include") or "done")

def key_of(byte):
    value = bytes([byte]) * 32
    digest = base64.b64encode(hashlib.sha256(value).digest()).decode()
    return {"cpk": CustomerProvidedEncryptionKey(base64.b64encode(value).decode(), digest)}


keyed = container.upload_blob("keyed", b"secret", **key_of(1))
attempt("with its key", lambda: keyed.download_blob(**key_of(1)).readall().decode())
attempt("without its key", lambda: keyed.download_blob().readall())
attempt("with another key", lambda: keyed.download_blob(**key_of(2)).readall())

disk = container.get_blob_client("disk")
disk.create_page_blob(2048)
disk.upload_page(b"a" * 512, 0, 512)
first = disk.create_snapshot()["snapshot"]
disk.upload_page(b"b" * 512, 1024, 512)
copy = container.get_blob_client("copy")


def copy_increment():
    try:
        copy.start_copy_from_url(f"{disk.url}?snapshot={first}", incremental_copy=True)
    except TypeError:
        # 12.12 and its neighbours pass on an argument that nobody takes.
        return "not by this SDK"
    return copy.get_blob_properties().copy.incremental_copy


attempt("incremental", copy_increment)
attempt("incremental, read", lambda: copy.download_blob().readall())
attempt("differences", lambda: [item["start"] for item in disk.get_page_ranges(previous_snapshot_diff=first)[0]])

by_key = BlobServiceClient(url, credential=key)
by_key.set_service_properties(static_website=StaticWebsite(enabled=True, index_document="index.html"))
attempt("website", lambda: by_key.get_service_properties()["static_website"].index_document)
older = BlobServiceClient(url, credential=DefaultAzureCredential(), api_version="2019-07-07").get_container_client("box")
attempt("by an older version", lambda: older.upload_blob("old", b"old") and [item.name for item in older.list_blobs("old")])
attempt("by an older version, tags", lambda: older.get_blob_client("old").get_blob_tags())
print(json.dumps(outcomes))
