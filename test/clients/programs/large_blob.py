"""large_blob.py ACCOUNT: the SDK's ways with a blob larger than one request, made small by its own settings."""
import hashlib
import os
import sys

from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

BLOCK_BYTES = 1024 * 1024
content = os.urandom(2 * BLOCK_BYTES + 17)

service = BlobServiceClient(
    account_url=f"https://{sys.argv[1]}.blob.core.windows.net",
    credential=DefaultAzureCredential(),
    max_single_put_size=BLOCK_BYTES,
    max_block_size=BLOCK_BYTES,
    max_single_get_size=BLOCK_BYTES,
    max_chunk_get_size=BLOCK_BYTES)
container = service.create_container("large")
blob = container.upload_blob("blob", content, max_concurrency=3)
committed, _ = blob.get_block_list("all")
print(f"blocks committed: {len(committed)}")
back = blob.download_blob(max_concurrency=2).readall()
same = hashlib.sha256(back).digest() == hashlib.sha256(content).digest()
print(f"read back: {'same' if same else 'DIFFERENT'}")
empty = container.upload_blob("empty", b"")
print(f"empty blob: {len(empty.download_blob().readall())} bytes")
