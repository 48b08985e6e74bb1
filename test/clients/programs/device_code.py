# Signs a person in by azure-identity's DeviceCodeCredential: prints what the person is told, then whose token it is.
import base64
import json
import sys

from azure.identity import DeviceCodeCredential


def tell(verification_uri, user_code, expires_on):
    print(json.dumps({"userCode": user_code, "verificationUri": verification_uri}), flush=True)


credential = DeviceCodeCredential(tenant_id=sys.argv[1], client_id=sys.argv[2], prompt_callback=tell)
token = credential.get_token("https://management.azure.com/.default").token
payload = token.split(".")[1]
claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
print(json.dumps({"upn": claims["upn"], "appid": claims["appid"]}), flush=True)
