"""Signs an application in by the credential named first, with azure-identity alone, and prints the claims of its tokens."""
import base64
import json
import os
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    DefaultAzureCredential,
    OnBehalfOfCredential,
    UsernamePasswordCredential,
)

SCOPES = ["https://storage.azure.com/.default", "https://management.azure.com/.default"]
TENANT, CLIENT = os.environ.get("AZURE_TENANT_ID"), os.environ.get("AZURE_CLIENT_ID")


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def tokens(credential):
    """One after another with one credential: MSAL sends the same assertion for each."""
    return [claims_of(credential.get_token(scope).token) for scope in SCOPES]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def on_behalf_of(frontend, username, password, scope, pem, target):
    person = UsernamePasswordCredential(frontend, username, password, tenant_id=TENANT)
    first = person.get_token(scope).token
    with open(pem, "rb") as file:
        certificate = file.read()
    credential = OnBehalfOfCredential(TENANT, CLIENT, client_certificate=certificate, user_assertion=first)
    return [claims_of(first), claims_of(credential.get_token(target).token)]


def workload():
    from azure.identity import WorkloadIdentityCredential  # Debian 12's has none

    return tokens(WorkloadIdentityCredential())


KINDS = {
    "workload": workload,
    "certificate": lambda path: tokens(CertificateCredential(TENANT, CLIENT, path)),
    "certificate-chain": lambda path: tokens(CertificateCredential(TENANT, CLIENT, path, send_certificate_chain=True)),
    "assertion": lambda path: tokens(ClientAssertionCredential(TENANT, CLIENT, lambda: read(path))),
    "default": lambda: tokens(DefaultAzureCredential()),
    "on-behalf-of": on_behalf_of,
}

try:
    print(json.dumps(KINDS[sys.argv[1]](*sys.argv[2:])))
except (ClientAuthenticationError, ValueError) as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
