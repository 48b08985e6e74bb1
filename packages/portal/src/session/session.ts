/**
 * The person at the portal, and tokens for the planes: MSAL against this server's own authority, by authorization code with PKCE.
 *
 * Owns: when the browser leaves for the sign-in page and where it comes back to. Tokens are kept in session storage only, so that they end with
 * the tab. MSAL is loaded beside the first sight of the page, not before it.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import type { AccountInfo, IPublicClientApplication } from "@azure/msal-browser";

/** The Azure portal's own; this server takes it from its own page alone. */
const clientId = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

/** What tokens are asked for; the insight API takes Resource Manager's. */
const scopes = {
  graph: "https://graph.microsoft.com/.default",
  arm: "https://management.azure.com/.default",
  storage: "https://storage.azure.com/.default",
} as const;

export type TokenPlane = keyof typeof scopes;

export type Person = {
  readonly objectId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly tenantId: string;
};

let started: Promise<IPublicClientApplication> | undefined;

function client(): Promise<IPublicClientApplication> {
  started ??= startClient();
  return started;
}

async function startClient(): Promise<IPublicClientApplication> {
  const { createStandardPublicClientApplication } = await import("./msal.ts");
  return createStandardPublicClientApplication({
    auth: {
      clientId,
      authority: `${location.origin}/organizations`,
      knownAuthorities: [location.host],
      redirectUri: `${location.origin}/portal`,
    },
    cache: { cacheLocation: "sessionStorage" },
  });
}

/**
 * Finds out who is there.
 * @returns undefined when nobody is: the browser is on its way to the sign-in page then.
 * @throws what MSAL says when the sign-in failed.
 */
export async function startSession(): Promise<Person | undefined> {
  const msal = await client();
  const result = await msal.handleRedirectPromise({ navigateToLoginRequestUrl: false });
  if (result !== null) {
    msal.setActiveAccount(result.account);
    returnTo(result.state);
  }
  const account = msal.getActiveAccount() ?? msal.getAllAccounts()[0];
  if (account === undefined) {
    await signIn();
    return undefined;
  }
  msal.setActiveAccount(account);
  return personOf(account);
}

function personOf({ localAccountId, name, username, tenantId }: AccountInfo): Person {
  return { objectId: localAccountId, displayName: name ?? username, userPrincipalName: username, tenantId };
}

/** Goes where the person was when the sign-in began; only ever a place in the portal. */
function returnTo(place: string | undefined): void {
  if (place !== undefined && /^\/portal(?:[/?]|$)/.test(place)) history.replaceState(null, "", place);
}

/** Leaves for the sign-in page. @param isOther to sign in as somebody else. */
export async function signIn(isOther = false): Promise<void> {
  const msal = await client();
  await msal.loginRedirect({
    scopes: [scopes.graph],
    state: location.pathname + location.search,
    ...(isOther ? { prompt: "select_account" } : {}),
  });
}

export async function signOut(): Promise<void> {
  const msal = await client();
  await msal.logoutRedirect({ account: msal.getActiveAccount() });
}

/** Refresh tokens serve once: requests for tokens wait for one another, or two would present the same one. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * A token for a plane.
 * @param claims what a resource demanded anew (a claims challenge), or an empty string to have a fresh token.
 */
export function tokenFor(plane: TokenPlane, claims?: string): Promise<string> {
  const next = turn.then(
    () => acquireToken(plane, claims),
    () => acquireToken(plane, claims),
  );
  turn = next;
  return next;
}

async function acquireToken(plane: TokenPlane, claims: string | undefined): Promise<string> {
  const msal = await client();
  const account = msal.getActiveAccount();
  if (account === null) return leave();
  try {
    const { accessToken } = await msal.acquireTokenSilent({
      scopes: [scopes[plane]],
      account,
      ...(claims ? { claims } : {}),
      // No hidden frame: the page's policy forbids it, and the sign-in page stands in none.
      cacheLookupPolicy: claims === undefined ? fromCacheOrRefreshToken : fromRefreshToken,
    });
    return accessToken;
  } catch (cause) {
    if (isMendedBySignIn(cause)) return leave();
    throw cause;
  }
}

/** Members of MSAL's `CacheLookupPolicy`, whose module is not here yet. */
const fromCacheOrRefreshToken = 2;
const fromRefreshToken = 3;

/** Sessions that ended, consents that are missing, claims that only a new sign-in can bring; not a server that does not answer. */
function isMendedBySignIn(cause: unknown): boolean {
  const { name, errorCode } = cause as { readonly name?: string; readonly errorCode?: string };
  return name === "InteractionRequiredAuthError" || errorCode === "invalid_grant" || errorCode === "no_tokens_found";
}

/** Never settles: the page is being left. */
async function leave(): Promise<never> {
  await signIn();
  return new Promise<never>(() => {});
}
