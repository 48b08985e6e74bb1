// Signs a person in by @azure/identity's InteractiveBrowserCredential, with the browser that $BROWSER names; prints whose token it is.
import { InteractiveBrowserCredential } from "@azure/identity";

const credential = new InteractiveBrowserCredential({ tenantId: process.argv[2] });
const { token } = await credential.getToken("https://management.azure.com/.default");
const { upn, aud, appid } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
const storage = await credential.getToken("https://storage.azure.com/.default");
console.log(JSON.stringify({ upn, aud, appid, isSilentForAnother: storage.token !== token }));
