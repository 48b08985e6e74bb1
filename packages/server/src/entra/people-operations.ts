/** The rows of the operation table by which people sign in and out. */
import { answerAdminConsentV1, answerAdminConsentV2 } from "./admin-consent/endpoint.ts";
import {
  answerAuthorizeAdfs,
  answerAuthorizePostV1,
  answerAuthorizePostV2,
  answerAuthorizeV1,
  answerAuthorizeV2,
} from "./authorize/endpoint.ts";
import { answerSubmitScript } from "./authorize/response.ts";
import { answerDeviceCodeV1, answerDeviceCodeV2 } from "./device/endpoint.ts";
import { answerDevicePage } from "./device/page.ts";
import { answerLogout, answerLogoutPost } from "./logout.ts";
import type { EntraOperation } from "./operations.ts";
import { answerLogin } from "./sign-in/login-endpoint.ts";
import { submitScriptPath } from "./sign-in/page.ts";
import { answerUserinfo } from "./userinfo.ts";

const codeDoc = "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow";
const adminConsentDoc = "https://learn.microsoft.com/entra/identity-platform/v2-admin-consent";
const deviceDoc = "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code";
const logoutDoc = "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request";
const userinfoDoc = "https://learn.microsoft.com/entra/identity-platform/userinfo";
const formType = { "content-type": "application/x-www-form-urlencoded" };

/** The Azure CLI, which everyone has. */
const client = "client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const question = `${client}&response_type=code&redirect_uri=http%3A%2F%2Flocalhost&${challenge}`;
const authorizeV1 = `${question}&resource=https%3A%2F%2Fmanagement.azure.com`;
const authorizeV2 = `${question}&scope=openid`;
const adminConsentV1 = `${client}&redirect_uri=http%3A%2F%2Flocalhost`;
const adminConsentV2 = `${adminConsentV1}&scope=openid`;

export const peopleOperations: readonly EntraOperation[] = [
  page("Authorize (AD FS)", "GET", "/adfs/oauth2/authorize", answerAuthorizeAdfs, codeDoc, authorizeV2),
  page("Authorize", "GET", "/{tenant}/oauth2/authorize", answerAuthorizeV1, codeDoc, authorizeV1),
  page("Authorize (form)", "POST", "/{tenant}/oauth2/authorize", answerAuthorizePostV1, codeDoc, authorizeV1),
  page("Authorize v2.0", "GET", "/{tenant}/oauth2/v2.0/authorize", answerAuthorizeV2, codeDoc, authorizeV2),
  page("Authorize v2.0 (form)", "POST", "/{tenant}/oauth2/v2.0/authorize", answerAuthorizePostV2, codeDoc, authorizeV2),
  page("Admin consent", "GET", "/{tenant}/adminconsent", answerAdminConsentV1, adminConsentDoc, adminConsentV1),
  page(
    "Admin consent v2.0",
    "GET",
    "/{tenant}/v2.0/adminconsent",
    answerAdminConsentV2,
    adminConsentDoc,
    adminConsentV2,
  ),
  page("Sign-in script", "GET", submitScriptPath, answerSubmitScript, codeDoc, ""),
  page("Sign-in page", "POST", "/{tenant}/login", answerLogin, codeDoc, "step=cancel&flow=none"),
  page("Device page", "GET", "/{tenant}/oauth2/deviceauth", answerDevicePage, deviceDoc, ""),
  page("Logout", "GET", "/{tenant}/oauth2/logout", answerLogout, logoutDoc, ""),
  page("Logout (form)", "POST", "/{tenant}/oauth2/logout", answerLogoutPost, logoutDoc, ""),
  page("Logout v2.0", "GET", "/{tenant}/oauth2/v2.0/logout", answerLogout, logoutDoc, ""),
  page("Logout v2.0 (form)", "POST", "/{tenant}/oauth2/v2.0/logout", answerLogoutPost, logoutDoc, ""),
  {
    ...page("Device code", "POST", "/{tenant}/oauth2/devicecode", answerDeviceCodeV1, deviceDoc, authorizeV1),
    audience: "client",
  },
  {
    ...page("Device code v2.0", "POST", "/{tenant}/oauth2/v2.0/devicecode", answerDeviceCodeV2, deviceDoc, authorizeV2),
    audience: "client",
  },
  userinfo("GET"),
  userinfo("POST"),
];

function page(
  operation: string,
  method: EntraOperation["method"],
  match: EntraOperation["match"],
  handler: EntraOperation["handler"],
  doc: string,
  parameters: string,
): EntraOperation {
  const path = match.replace("{tenant}", "organizations");
  const sample =
    method === "GET"
      ? { target: parameters === "" ? path : `${path}?${parameters}` }
      : { target: path, headers: formType, body: parameters };
  return { operation, method, match, permission: "public", audience: "person", handler, doc, sample };
}

function userinfo(method: EntraOperation["method"]): EntraOperation {
  const match = "/{tenant}/openid/userinfo";
  const sample = { target: "/organizations/openid/userinfo" };
  const operation = method === "GET" ? "Userinfo" : "Userinfo (POST)";
  return {
    operation,
    method,
    match,
    permission: "signed-in",
    audience: "client",
    handler: answerUserinfo,
    doc: userinfoDoc,
    sample,
  };
}
