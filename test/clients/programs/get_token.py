"""Signs in by DefaultAzureCredential alone, so that a refusal shows at once: the storage client would try again for 77 s."""
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

try:
    DefaultAzureCredential().get_token("https://storage.azure.com/.default")
    print("signed in")
except (ClientAuthenticationError, ValueError) as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
