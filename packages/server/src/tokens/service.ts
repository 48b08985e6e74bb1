/**
 * The token service: issues access, id and refresh tokens for principals that someone else has authenticated.
 *
 * Owns: lifetimes, and what a token is remembered by for reuse. May use: this folder, the read model, the ports.
 * It trusts its callers (the Entra surface's grants) to have judged the principal; the verifier judges it again on every use.
 */
import { join } from "node:path";
import type { SecretFiles } from "../secret-files.ts";
import type { ServicePrincipal, User } from "../state/entities.ts";
import type { AppId, Guid, PrincipalId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Awaitable } from "../wire/when-there.ts";
import type { Resource } from "./audiences.ts";
import { AuthorizationCodes } from "./authorization-code.ts";
import { appClaims, type ClientProof, idClaims, type TokenMarks, userClaims, type Validity } from "./claims.ts";
import { type ClaimsText, emptyPlaces, fillClaimsText, writeClaimsText } from "./claims-text.ts";
import {
  type ClaimsRequest,
  challengeCapability,
  continuousLifetimeSeconds,
  isContinuous,
  noClaimsRequested,
  showsCapabilities,
} from "./continuous-access.ts";
import { ExternalIssuers, type FetchJson } from "./external-issuers.ts";
import { type KeyKeeper, openKeyKeeper, type SharedKeys } from "./key-keeper.ts";
import type { KeyRing } from "./key-ring.ts";
import { makeMarks } from "./marks.ts";
import { RefreshTokens } from "./refresh-token.ts";
import { RepeatedAsks } from "./repeated-asks.ts";
import { openSealer, type Sealer } from "./sealer.ts";
import { signText, signToken, type TokenForm } from "./signer.ts";
import type { TokenVerifier } from "./token.ts";
import { contentForApp, contentForUser, idTokenExtras } from "./token-content.ts";
import { type TokenPlace, TokenReuse } from "./token-reuse.ts";
import { createTokenVerifier } from "./verifier.ts";

/** Life of an access or id token from the moment it is issued, in seconds: what Entra gives clients without continuous access evaluation. */
export const tokenLifetimeSeconds = 3600;
/** `iat` and `nbf` lie this far back, in seconds, for resource servers whose clocks are behind; exp - iat is 3900 as in decoded tokens. */
export const backdatingSeconds = 300;

/** What a response says of a token's remaining life, in seconds: one less than there is, as Entra does. */
export function expiresInSeconds({ expiresAt }: Validity, now: Date): number {
  return expiresAt - Math.floor(now.getTime() / 1000) - 1;
}

export type IssuedToken = { readonly token: string; readonly validity: Validity };

export type AppTokenRequest = {
  readonly servicePrincipal: ServicePrincipal;
  readonly resource: Resource;
  readonly proof: ClientProof;
  /** Names what the client proved itself with, e.g. a secret's keyId: a token is reused for the same only; undefined: never reused. */
  readonly credential?: string | undefined;
  readonly asked?: ClaimsRequest | undefined;
};

export type UserTokenRequest = {
  readonly user: User;
  readonly client: { readonly appId: AppId; readonly displayName: string; readonly proof: ClientProof };
  readonly resource: Resource;
  /** Delegated permissions; at least one. */
  readonly scopes: readonly string[];
  /** When the person gave the password, in milliseconds since 1970. */
  readonly signedInAtMs?: number | undefined;
  /** Id of the refresh token family it belongs to: becomes `sid`, and a token is reused within the same only; undefined: never reused. */
  readonly session?: string | undefined;
  readonly asked?: ClaimsRequest | undefined;
};

export type IdTokenRequest = {
  readonly version: "1.0" | "2.0";
  readonly user: User;
  readonly clientId: AppId;
  readonly openIdScopes: ReadonlySet<string>;
  readonly nonce?: string | undefined;
  /** The code it is issued with, by the authorization endpoint; bound by `c_hash`. */
  readonly code?: string | undefined;
  readonly signedInAtMs?: number | undefined;
  /** The browser's session, for applications that ask for it. */
  readonly sid?: string | undefined;
  /** Whether it comes by way of the address bar, where there is no room for many groups. */
  readonly isInAddress?: boolean | undefined;
};

export type TokenService = {
  readonly keyRing: KeyRing;
  readonly sealer: Sealer;
  /** Whose tokens applications may sign in with. */
  readonly externalIssuers: ExternalIssuers;
  readonly refreshTokens: RefreshTokens;
  readonly codes: AuthorizationCodes;
  /** Access tokens given out, for metrics. */
  readonly issued: { readonly fresh: number; readonly reused: number };
  /** An access token of an application itself; the resource comes from `findResource`. */
  issueAppToken(request: AppTokenRequest): Awaitable<IssuedToken>;
  /** An access token on behalf of a person. */
  issueUserToken(request: UserTokenRequest): Awaitable<IssuedToken>;
  /** @returns the compact JWS. */
  issueIdToken(request: IdTokenRequest): Promise<string>;
};

export type TokenServiceParts = {
  readonly keyRing: KeyRing;
  readonly sealer: Sealer;
  readonly model: ReadModel;
  readonly ports: Ports;
  /** The token reuse window, in seconds; 0 for none. */
  readonly reuseSeconds?: number | undefined;
  /** Left out, no outside issuer is known. */
  readonly externalIssuers?: ExternalIssuers;
};

/** What makes up one access token, but for its times and marks. */
type Draft = {
  readonly version: TokenForm;
  readonly lifetimeSeconds: number;
  readonly claims: ClaimsText;
};

/** What else a token stands on. */
type Grounds = {
  /** What of it a remembered token must share; undefined: not to be remembered. */
  readonly standsOn: string | undefined;
  readonly place?: TokenPlace | undefined;
  readonly requiredNotBefore: number | undefined;
};

type Stamp = { readonly validity: Validity; readonly marks: TokenMarks };

export function createTokenService(parts: TokenServiceParts): TokenService {
  const { keyRing, sealer, model, ports } = parts;
  const reuse = new TokenReuse(parts.reuseSeconds ?? 0);
  const repeated = new RepeatedAsks<Draft>();
  const issued = { fresh: 0, reused: 0 };
  const issue = (draft: Draft, { standsOn, place, requiredNotBefore }: Grounds) => {
    const { version, lifetimeSeconds, claims } = draft;
    const key = standsOn === undefined || !reuse.isOn ? undefined : nameOf(draft, keyRing.current.kid, standsOn);
    const make = async (): Promise<IssuedToken> => {
      issued.fresh += 1;
      const { validity, marks } = makeStamp(ports, lifetimeSeconds, requiredNotBefore);
      const text = fillClaimsText(claims, validity, marks);
      return { token: await signText(keyRing.current, version, text), validity };
    };
    const freshBefore = issued.fresh;
    const given = reuse.take(key, ports.now(), requiredNotBefore !== undefined, make, place);
    if (issued.fresh === freshBefore) issued.reused += 1;
    return given;
  };

  return {
    keyRing,
    sealer,
    externalIssuers: parts.externalIssuers ?? new ExternalIssuers({ folder: undefined, fetchJson: undefined }),
    refreshTokens: new RefreshTokens(sealer),
    codes: new AuthorizationCodes(sealer),
    issued,
    issueAppToken(request) {
      const { credential, asked = noClaimsRequested } = request;
      const { canHandleChallenge, notBefore: requiredNotBefore } = asked;
      const grounds = { revision: model.revision, kid: keyRing.current.kid };
      const { servicePrincipal, resource, proof } = request;
      const ask =
        credential === undefined
          ? undefined
          : repeated.find(grounds, { servicePrincipal, resource, proof, credential, canHandleChallenge });
      const known = ask === undefined || requiredNotBefore !== undefined ? undefined : reuse.recall(ask, ports.now());
      if (known !== undefined) {
        issued.reused += 1;
        return known;
      }
      if (ask === undefined)
        return issue(draftForApp(model, request, asked), { standsOn: undefined, requiredNotBefore });
      ask.draft ??= draftForApp(model, request, asked);
      return issue(ask.draft, { standsOn: `credential ${credential}`, place: ask, requiredNotBefore });
    },
    issueUserToken(request) {
      const { user, session, asked = noClaimsRequested } = request;
      return issue(draftForUser(model, request, asked), {
        // A token of before a revocation is no stand-in for one of after it.
        standsOn: session === undefined ? undefined : `session ${session} ${user.signInSessionsValidFromDateTime}`,
        requiredNotBefore: asked.notBefore,
      });
    },
    issueIdToken(request) {
      const { user, clientId: appId, nonce, code, sid, isInAddress = false } = request;
      const extra = idTokenExtras(model, user, appId, {
        signedInAt: secondsOf(request.signedInAtMs),
        sid,
        isInAddress,
      });
      const claims = idClaims({
        ...request,
        nonce,
        code,
        tenant: model.tenant,
        ...makeStamp(ports, tokenLifetimeSeconds),
        extra,
      });
      return signToken(keyRing.current, request.version, claims);
    },
  };
}

/** What a token is remembered by: two of the same say the same, but for their times and marks. */
function nameOf({ lifetimeSeconds, claims }: Draft, kid: string, standsOn: string): string {
  return JSON.stringify([kid, standsOn, lifetimeSeconds, claims.empty]);
}

function makeStamp(ports: Ports, lifetimeSeconds: number, requiredNotBefore = 0): Stamp {
  const seconds = Math.floor(ports.now().getTime() / 1000);
  const notBefore = Math.max(seconds - backdatingSeconds, Math.min(requiredNotBefore, seconds));
  return { validity: { notBefore, expiresAt: seconds + lifetimeSeconds }, marks: makeMarks(ports) };
}

function draftForApp(model: ReadModel, request: AppTokenRequest, asked: ClaimsRequest): Draft {
  const { servicePrincipal, resource } = request;
  const content = contentForApp(model, servicePrincipal, resource);
  const input = { ...request, directoryRoleIds: directoryRoleIds(model, servicePrincipal.id), content };
  const claims = writeClaimsText({
    ...appClaims({ ...input, tenant: model.tenant, ...emptyPlaces }),
    ...capabilityClaims(model, resource, asked),
  });
  return { version: content.version, lifetimeSeconds: lifetimeOf(resource, "app", asked), claims };
}

function draftForUser(model: ReadModel, request: UserTokenRequest, asked: ClaimsRequest): Draft {
  const { user, resource, session } = request;
  const content = contentForUser(model, user, resource, secondsOf(request.signedInAtMs));
  const input = { ...request, directoryRoleIds: directoryRoleIds(model, user.id), content };
  const claims = writeClaimsText({
    ...userClaims({ ...input, tenant: model.tenant, ...emptyPlaces }),
    ...(session === undefined ? {} : { sid: session }),
    ...capabilityClaims(model, resource, asked),
  });
  return { version: content.version, lifetimeSeconds: lifetimeOf(resource, "user", asked), claims };
}

function directoryRoleIds(model: ReadModel, principalId: PrincipalId): Guid[] {
  return model.directoryRoleAssignments.find("principalId", principalId).map(({ roleTemplateId }) => roleTemplateId);
}

function lifetimeOf(resource: Resource, subject: "app" | "user", asked: ClaimsRequest): number {
  const isLong = asked.canHandleChallenge && isContinuous(resource.kind, subject);
  return isLong ? continuousLifetimeSeconds : tokenLifetimeSeconds;
}

function capabilityClaims(model: ReadModel, resource: Resource, { canHandleChallenge }: ClaimsRequest) {
  return canHandleChallenge && showsCapabilities(model, resource) ? { xms_cc: [challengeCapability] } : {};
}

function secondsOf(timeMs: number | undefined): number | undefined {
  return timeMs === undefined ? undefined : Math.floor(timeMs / 1000);
}

/** Opens the keys of a state folder (making them the first time) and everything that stands on them. */
export async function openTokens(options: {
  readonly stateDir: string;
  readonly model: ReadModel;
  readonly ports: Ports;
  readonly reuseSeconds?: number | undefined;
  /** How outside issuers' keys are fetched; left out (offline), only files in the state folder tell them. */
  readonly fetchJson?: FetchJson | undefined;
  /** Where the signing keys are kept beside the folder, when other processes sign with them too. */
  readonly sharedKeys?: SharedKeys | undefined;
  /** How the folder's secret files are kept; left out: in the clear. */
  readonly files?: SecretFiles | undefined;
}): Promise<{ readonly service: TokenService; readonly verifier: TokenVerifier; readonly keys: KeyKeeper }> {
  const { stateDir, model, ports, reuseSeconds, files } = options;
  const keys = await openKeyKeeper({ stateDir, ports, shared: options.sharedKeys, files });
  const keyRing = keys.ring;
  const sealer = openSealer(stateDir, ports, files);
  const externalIssuers = new ExternalIssuers({ folder: join(stateDir, "issuers"), fetchJson: options.fetchJson });
  const service = createTokenService({ keyRing, sealer, model, ports, reuseSeconds, externalIssuers });
  return { service, verifier: createTokenVerifier({ keyRing, model, ports }), keys };
}
