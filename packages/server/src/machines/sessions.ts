/**
 * Identity sessions: which program on this machine may have tokens of which managed identity, and until when.
 *
 * A session is made for one program by somebody who may assign the identity. Whoever knows its address (256 random bits, in the
 * environment of that program) is that program. In memory only: a restarted server knows no session, and no token is given on its word.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ManagedIdentity } from "../state/entities.ts";
import type { PrincipalId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { leaseSeconds, maxSessions, secretSizeBytes } from "./limits.ts";

/** Which of Azure's identity endpoints the program finds: App Service's, a virtual machine's, or that of an Azure Arc server. */
export const sessionForms = ["AppService", "Imds", "AzureArc"] as const;
export type SessionForm = (typeof sessionForms)[number];

export type IdentitySession = {
  readonly id: string;
  readonly form: SessionForm;
  /** The key of the identity's row. */
  readonly identityKey: string;
  /** A new identity of the same name is another: its principal differs. */
  readonly principalId: ServicePrincipalObjectId;
  readonly startedBy: PrincipalId;
  readonly expiresAt: Date;
};

type Kept = { session: IdentitySession; readonly address: string; readonly headerHash: Buffer };

/** What only the program may know; never logged, kept as hashes. */
export type SessionSecrets = { readonly address: string; readonly header: string };

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();

export class IdentitySessions {
  readonly #ports: Ports;
  readonly #onEnd: (id: string) => void;
  readonly #byId = new Map<string, Kept>();
  /** By the address's hash: how long a look-up takes tells nothing about an address. */
  readonly #byAddress = new Map<string, Kept>();

  /** @param onEnd told of every session that ends, however it does. */
  constructor(ports: Ports, onEnd: (id: string) => void) {
    this.#ports = ports;
    this.#onEnd = onEnd;
  }

  /** @returns undefined when there are as many as there may be. */
  start(
    form: SessionForm,
    identity: { readonly key: string; readonly row: ManagedIdentity },
    startedBy: PrincipalId,
  ): { readonly session: IdentitySession; readonly secrets: SessionSecrets } | undefined {
    this.#sweep();
    if (this.#byId.size >= maxSessions) return undefined;
    const secrets = { address: this.#secret(), header: this.#secret() };
    const session: IdentitySession = {
      id: this.#ports.guid(),
      form,
      identityKey: identity.key,
      principalId: identity.row.principalId,
      startedBy,
      expiresAt: this.#leaseEnd(),
    };
    const address = hashOf(secrets.address).toString("base64");
    const kept: Kept = { session, address, headerHash: hashOf(secrets.header) };
    this.#byId.set(session.id, kept);
    this.#byAddress.set(address, kept);
    return { session, secrets };
  }

  /** The session of that id, while it is alive. */
  get(id: string): IdentitySession | undefined {
    return this.#alive(this.#byId.get(id))?.session;
  }

  /** The session that a request's address names, while it is alive. */
  findByAddress(address: string): IdentitySession | undefined {
    return this.#alive(this.#byAddress.get(hashOf(address).toString("base64")))?.session;
  }

  /** Compares in constant time, over hashes: the length does not show either. */
  isHeader(session: IdentitySession, presented: string): boolean {
    const kept = this.#byId.get(session.id);
    return kept !== undefined && timingSafeEqual(kept.headerHash, hashOf(presented));
  }

  renew(session: IdentitySession): IdentitySession {
    const kept = this.#byId.get(session.id);
    const renewed = { ...session, expiresAt: this.#leaseEnd() };
    if (kept !== undefined) kept.session = renewed;
    return renewed;
  }

  end(id: string): void {
    const kept = this.#byId.get(id);
    if (kept === undefined) return;
    this.#byId.delete(id);
    this.#byAddress.delete(kept.address);
    this.#onEnd(id);
  }

  endAll(): void {
    for (const id of [...this.#byId.keys()]) this.end(id);
  }

  #alive(kept: Kept | undefined): Kept | undefined {
    if (kept === undefined || this.#ports.now() < kept.session.expiresAt) return kept;
    this.end(kept.session.id);
    return undefined;
  }

  #sweep(): void {
    for (const kept of [...this.#byId.values()]) this.#alive(kept);
  }

  #leaseEnd(): Date {
    return new Date(this.#ports.now().getTime() + leaseSeconds * 1000);
  }

  #secret(): string {
    // In lower case: MSAL for Node folds the address of a machine's endpoint.
    return this.#ports.randomBytes(secretSizeBytes).toString("hex");
  }
}
