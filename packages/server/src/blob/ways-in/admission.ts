/**
 * Who is let in, and by which way: a token, the account's key, a signature, or nothing at all. Everything that asks for a blob goes through here,
 * the source of a copy and each part of a batch too.
 *
 * Owns: the ways in and what each must show. May use: the account's row, the token verifier, containers' access; never the request's body.
 * Spec: https://learn.microsoft.com/rest/api/storageservices/authorize-requests-to-azure-storage
 */
import type { NetworkRules, StorageAccount } from "../../state/entities.ts";
import type { VerifiedToken } from "../../tokens/token.ts";
import type { ContainerAccess } from "../engine/model.ts";
import { StorageError } from "../errors.ts";
import type { RequestHeaders } from "../request-headers.ts";
import type { Query, Target } from "../target.ts";
import { isWithinRange } from "./address-range.ts";
import { type BearerPorts, verifyBearer } from "./bearer-token.ts";
import { verifySharedKey } from "./shared-key.ts";
import { type SignedAccess, verifySignedAccess } from "./signed-access.ts";
import { refuseSignature, type SignedParameters } from "./signed-parameters.ts";

/** A request as it stands at the door. */
export type Approach = {
  readonly account: StorageAccount;
  readonly method: string;
  /** Without the signature's parameters. */
  readonly target: Target;
  readonly signed: SignedParameters | null;
  readonly headers: RequestHeaders;
  /** Raw, with the account's segment when path-style. */
  readonly path: string;
  /** All parameters. */
  readonly query: Query;
  /** Of the service, as the request asks for it; undefined when it does not. */
  readonly version: string | undefined;
  readonly isSecure: boolean;
  /** It came, or is to be fetched, by plain HTTP, over which nobody may send a token. */
  readonly isPlain: boolean;
  readonly address: string;
  readonly now: Date;
  /** Of a head that was read once for many requests. */
  readonly headKey?: object | undefined;
  readonly findAccess: (container: string) => ContainerAccess | undefined;
};

export type Admission =
  | { readonly way: "bearer"; readonly principalId: string; readonly token: VerifiedToken }
  /** The account's key itself: it may do everything that does not ask for a principal. */
  | { readonly way: "key" }
  | { readonly way: "signature"; readonly signed: SignedAccess }
  /** A signature that is worth what its signer may do, and no more. */
  | { readonly way: "delegation"; readonly signed: SignedAccess; readonly principalId: string }
  | { readonly way: "none" };

/**
 * Finds out who is there.
 * @throws StorageError for whoever shows something that is not good; whoever shows nothing is let in as nobody.
 */
export function admit(ports: BearerPorts, approach: Approach): Admission {
  const { account, headers, signed } = approach;
  const authorization = headers.get("authorization");
  checkNetwork(account.networkRules, approach.address);
  if (signed !== null) {
    // With both, one would have to be ignored, but where a signature holds only in the hands of somebody.
    if (authorization !== undefined && !signed.has("sduoid")) throw new StorageError("InvalidAuthenticationInfo");
    const access = verifySignedAccess({ ...approach, signed, tenantId: ports.tenantId });
    checkBearer(ports, approach, access);
    if (access.principalId === null) return { way: "signature", signed: access };
    return { way: "delegation", signed: access, principalId: access.principalId };
  }
  if (authorization === undefined) return { way: "none" };
  if (/^SharedKey(?:Lite)? /.test(authorization)) {
    verifySharedKey(approach);
    return { way: "key" };
  }
  const token = verifyToken(ports, approach, authorization);
  return { way: "bearer", principalId: token.principalId, token };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory */
function verifyToken(ports: BearerPorts, approach: Approach, authorization: string): VerifiedToken {
  const { account, version, headKey, isPlain } = approach;
  if (isPlain) {
    const details = { AuthenticationErrorDetail: "Authentication scheme Bearer is not allowed with HTTP." };
    throw new StorageError("AuthenticationFailed", { details });
  }
  return verifyBearer(ports, account, authorization, version, headKey);
}

/**
 * A signature that is bound to a user is shown by them, with a token; what the user may by themselves says nothing of it.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#specify-the-delegated-user-object-id
 */
function checkBearer(ports: BearerPorts, approach: Approach, { boundTo }: SignedAccess): void {
  const authorization = approach.headers.get("authorization");
  if (boundTo === null) {
    // A signature of an account or by its key is bound to nobody, whatever is written beside it.
    if (authorization !== undefined) throw new StorageError("InvalidAuthenticationInfo");
    return;
  }
  if (authorization === undefined)
    throw refuseSignature("The signature holds only with a token of the user that it names.");
  const { principalId } = verifyToken(ports, approach, authorization);
  if (principalId !== boundTo) throw refuseSignature("The token is not of the user that the signature names.");
}

/** The account's firewall stands before everything else. @see https://learn.microsoft.com/azure/storage/common/storage-network-security */
export function checkNetwork(rules: NetworkRules | undefined, address: string): void {
  if (rules === undefined || rules.defaultAction === "Allow") return;
  if (!rules.ipRules.some((rule) => isWithinRange(rule, address) === true))
    throw new StorageError("AuthorizationFailure");
}
