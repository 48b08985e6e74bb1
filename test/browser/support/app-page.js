// A single-page app as a developer writes one with @azure/msal-browser: signs a person in by redirect, asks Graph who it is, and signs out.
// Says what happened in #out, which is what the tests read.
// Kept over the way to the sign-in page and back.
if (new URLSearchParams(location.search).has("client")) sessionStorage.setItem("settings", location.search);
const settings = new URLSearchParams(sessionStorage.getItem("settings"));
const say = (text) => {
  document.getElementById("out").textContent = text;
};
const application = new msal.PublicClientApplication({
  auth: {
    clientId: settings.get("client"),
    authority: settings.get("authority"),
    knownAuthorities: [new URL(settings.get("authority")).host],
    redirectUri: `${location.origin}/app`,
    postLogoutRedirectUri: `${location.origin}/app`,
  },
  system: { allowPlatformBroker: false },
});
const scopes = (settings.get("scopes") ?? "User.Read").split(" ");

async function start() {
  await application.initialize();
  const result = await application.handleRedirectPromise({ navigateToLoginRequestUrl: false });
  const [account] = application.getAllAccounts();
  if (account === undefined) return say("nobody");
  const { accessToken } = await application.acquireTokenSilent({ scopes, account });
  const answer = await fetch(`${settings.get("graph")}/v1.0/me`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  const me = await answer.json();
  say(`${result === null ? "kept" : "signed in"}: ${me.userPrincipalName ?? JSON.stringify(me)}`);
}

document.getElementById("in").onclick = () => application.loginRedirect({ scopes });
document.getElementById("out-button").onclick = () => application.logoutRedirect();
start().catch((error) => say(`failed: ${error.errorCode ?? ""} ${error.message}`));
