/**
 * What an application asked for before: while the directory and the key stay as they are, a token for the same says the same, but for its times and marks.
 *
 * Asked for thousands of times a second, so it is found by comparing what was asked, and no text is put together for it. Owns: the bounds.
 */
import type { ServicePrincipal } from "../state/entities.ts";
import type { Resource } from "./audiences.ts";
import type { ClientProof } from "./claims.ts";
import { RecentMap } from "./recent-map.ts";
import type { TokenPlace } from "./token-reuse.ts";

/** Applications remembered; our choice. */
const maxApplications = 1024;
/** Asks remembered of each, at about 2 KiB each; our choice: an app asks for a few resources, with one secret. */
const maxAsks = 4;

/** What all that is remembered stands on. */
export type AskGrounds = {
  /** Of the directory. */
  readonly revision: number;
  /** Of the key that signs. */
  readonly kid: string;
};

export type AppAsk = {
  readonly servicePrincipal: ServicePrincipal;
  readonly resource: Resource;
  readonly proof: ClientProof;
  readonly credential: string;
  readonly canHandleChallenge: boolean;
};

/** One that may come again: the token it was given, and what the next one would be made from. */
export type RepeatedAsk<Draft> = TokenPlace & { readonly asked: AppAsk; draft: Draft | undefined };

export class RepeatedAsks<Draft> {
  readonly #byPrincipal = new RecentMap<RepeatedAsk<Draft>[], ServicePrincipal>(maxApplications);
  #grounds: AskGrounds = { revision: Number.NaN, kid: "" };

  /** @returns the one that was remembered, or a new one that is from now on. */
  find(grounds: AskGrounds, asked: AppAsk): RepeatedAsk<Draft> {
    if (grounds.revision !== this.#grounds.revision || grounds.kid !== this.#grounds.kid) {
      this.#byPrincipal.clear();
      this.#grounds = grounds;
    }
    const asks = this.#byPrincipal.get(asked.servicePrincipal) ?? [];
    for (const ask of asks) if (isSame(ask.asked, asked)) return ask;
    const made: RepeatedAsk<Draft> = { asked: keep(asked), draft: undefined, found: undefined };
    if (asks.length === 0) this.#byPrincipal.set(asked.servicePrincipal, asks);
    if (asks.length === maxAsks) asks.shift();
    asks.push(made);
    return made;
  }
}

/** The name of the resource is a part of the form, which V8 would keep whole for it, the secret too: a copy is kept. */
function keep(asked: AppAsk): AppAsk {
  const audience = Buffer.from(asked.resource.audience, "utf8").toString("utf8");
  return { ...asked, resource: { ...asked.resource, audience } };
}

/** Of one application. */
function isSame(one: AppAsk, other: AppAsk): boolean {
  return (
    one.credential === other.credential &&
    one.proof === other.proof &&
    one.canHandleChallenge === other.canHandleChallenge &&
    one.resource.kind === other.resource.kind &&
    one.resource.appId === other.resource.appId &&
    one.resource.audience === other.resource.audience
  );
}
