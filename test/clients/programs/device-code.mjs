// Signs a person in by @azure/identity's DeviceCodeCredential: prints what the person is told, then whose token it is.
import { DeviceCodeCredential } from "@azure/identity";

const credential = new DeviceCodeCredential({
  tenantId: process.argv[2],
  clientId: process.argv[3],
  userPromptCallback: ({ userCode, verificationUri, message }) =>
    console.log(JSON.stringify({ userCode, verificationUri, message })),
});
const { token } = await credential.getToken("https://management.azure.com/.default");
const { upn, appid } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
console.log(JSON.stringify({ upn, appid }));
