/** What the portal uses of MSAL; a file of its own, so that it is loaded apart. */
export { createStandardPublicClientApplication } from "@azure/msal-browser";
