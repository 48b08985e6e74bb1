/**
 * One person's way through the sign-in pages, as the pages carry it: sealed in a hidden field, so that nothing of it can be read or changed by the
 * person or a site that posts to us, and bound to the browser the page was sent to. It proves nothing about who the person is: that only the
 * session does.
 */
import type { AppId, UserObjectId } from "../../state/identifiers.ts";
import type { SealPurpose } from "../../tokens/sealer.ts";
import type { AuthorizeRequest, ResponseTarget } from "../authorize/request.ts";
import { refuse } from "../fault.ts";
import type { Dialect } from "../requested-resource.ts";
import type { Visit } from "../visit.ts";
import type { Browser } from "./browser.ts";

/** How long a page can stand open before it is answered, in seconds. Our choice. */
const pageLifetimeSeconds = 60 * 60;
/** A query of 8 KiB sealed, with room. */
const purpose: SealPurpose = { prefix: "p.", maxChars: 32_768 };

/** An administrator is asked for permissions for everyone; plain data, carried by the pages. */
export type AdminConsentRequest = {
  readonly dialect: Dialect;
  readonly clientId: AppId;
  readonly target: ResponseTarget;
  /** v2: what is asked for; v1 asks for all that the registration lists. */
  readonly scope: string | null;
};

/** Stands in every answer of the admin consent endpoints, good or bad. */
export const adminConsentMark = { admin_consent: "True" } as const;

/** What the person signs in to. */
export type FlowPurpose =
  | { readonly kind: "authorize"; readonly request: AuthorizeRequest }
  /** `shown` says in short which permissions the page listed; null before there was one. */
  | { readonly kind: "admin-consent"; readonly request: AdminConsentRequest; readonly shown: string | null }
  /** Before the user code is known it is "", and so is all that depends on it. */
  | { readonly kind: "device"; readonly userCode: string };

export type SignInFlow = {
  readonly purpose: FlowPurpose;
  readonly startedAtMs: number;
  /** What was typed into the page's first field. */
  readonly username: string | null;
  /** Chosen among the people signed in to the browser. */
  readonly accountId: UserObjectId | null;
  /** The person wants to sign in with another account than those. */
  readonly isOther: boolean;
  readonly hasConsented: boolean;
  /** Device code: the person has seen which application asks, and means it. */
  readonly isDeviceConfirmed: boolean;
};

/** What is asked for in the end, the same for both purposes. */
export type Asked = {
  readonly clientId: AppId;
  readonly dialect: Dialect;
  readonly scope: string | null;
  readonly resource: string | null;
};

/** The scope and the resource as a form has them. */
export function formOf({ scope, resource }: Pick<Asked, "scope" | "resource">): ReadonlyMap<string, string> {
  return new Map(Object.entries({ scope, resource }).filter((entry): entry is [string, string] => entry[1] !== null));
}

export function startFlow(visit: Visit, purpose: FlowPurpose): SignInFlow {
  return {
    purpose,
    startedAtMs: visit.now.getTime(),
    username: null,
    accountId: null,
    isOther: false,
    hasConsented: false,
    isDeviceConfirmed: false,
  };
}

/** @returns the hidden field's value. */
export function sealFlow({ cloud }: Visit, browser: Browser, flow: SignInFlow): string {
  return cloud.tokens.sealer.seal(purpose, { browserId: browser.id, ...flow });
}

/** @throws EntraRefusal `page-expired` for a page that is too old, of another browser, or not ours. */
export function openFlow({ cloud, now }: Visit, browser: Browser, text: string): SignInFlow {
  const value = cloud.tokens.sealer.open(purpose, text) as (SignInFlow & { browserId: string }) | undefined;
  if (value === undefined) return refuse({ kind: "page-expired" });
  const { browserId, ...flow } = value;
  const ageSeconds = (now.getTime() - flow.startedAtMs) / 1000;
  if (browserId !== browser.id || ageSeconds >= pageLifetimeSeconds) refuse({ kind: "page-expired" });
  return flow;
}
