/** Credentials tried in order: one that is not available lets the next try, one that fails ends the chain. @see https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains */
import { CredentialError, unavailable } from "./errors.ts";
import type { AccessToken, GetTokenOptions, TokenCredential } from "./token-credential.ts";

/** What became of one link: `skipped` is not available here, `failed` ended the chain, `unused` was not reached. */
export interface ChainStep {
  readonly credential: string;
  readonly outcome: "token" | "skipped" | "failed" | "unused";
  readonly code?: string | undefined;
  readonly aadsts?: number | undefined;
  readonly meaning?: string | undefined;
  readonly remedy?: string | undefined;
}

/** A credential and what it is called in messages: class names do not survive minifying. */
export interface Link {
  readonly name: string;
  readonly credential: TokenCredential;
}

/** Names of failures that let a chain go on, ours and @azure/identity's. */
const goesOn = new Set(["CredentialUnavailableError", "AuthenticationRequiredError"]);

const oneLine = (text: string) => text.replace(/\s*[\r\n]+\s*/g, " ");

function describe(name: string, error: unknown, outcome: "skipped" | "failed"): ChainStep {
  if (!(error instanceof CredentialError)) {
    return { credential: name, outcome, meaning: oneLine(error instanceof Error ? error.message : String(error)) };
  }
  const { code, aadsts, meaning, remedy } = error;
  return { credential: name, outcome, code, aadsts, meaning: oneLine(meaning), remedy };
}

function toLine({ credential, aadsts, meaning = "", remedy }: ChainStep): string {
  return `- ${credential}: ${aadsts ? `AADSTS${aadsts}: ` : ""}${meaning}${remedy ? ` ${remedy}` : ""}`;
}

type Tried = { readonly token?: AccessToken; readonly steps: ChainStep[]; readonly errors: unknown[] };

/** A chain under a name; the link that gave a token is asked alone from then on, so that the others' absence is found out once. */
export class Chain implements TokenCredential {
  readonly #name: string;
  readonly #links: readonly Link[];
  #chosen: TokenCredential | undefined;

  constructor(name: string, links: readonly Link[]) {
    this.#name = name;
    this.#links = links;
  }

  /** @returns the first link's token that there is. Throws `chain_failed` with a line for each link, or the error of the link that failed. */
  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    if (this.#chosen !== undefined) {
      try {
        const token = await this.#chosen.getToken(scopes, options);
        if (token !== null) return token;
      } catch (error) {
        if (!goesOn.has((error as Error).name)) throw error;
      }
      this.#chosen = undefined;
    }
    const { token, steps, errors } = await this.#try(scopes, options);
    if (token !== undefined) return token;
    if (steps.at(-1)?.outcome === "failed") throw errors.at(-1);
    throw new CredentialError({
      code: "chain_failed",
      name: "AggregateAuthenticationError",
      meaning: `${this.#name}: no credential could be used here.\n${steps.map(toLine).join("\n")}`,
      errors: errors.filter((error) => error instanceof Error),
    });
  }

  /** Tries the chain and says what became of each link, as data; no token is in it. */
  async explainChain(scopes: string | string[], options: GetTokenOptions = {}): Promise<ChainStep[]> {
    const { steps } = await this.#try(scopes, options);
    const rest = this.#links.slice(steps.length).map(({ name }) => ({ credential: name, outcome: "unused" as const }));
    return [...steps, ...rest];
  }

  async #try(scopes: string | string[], options: GetTokenOptions): Promise<Tried> {
    const steps: ChainStep[] = [];
    const errors: unknown[] = [];
    for (const { name, credential } of this.#links) {
      try {
        const token = await credential.getToken(scopes, options);
        if (token === null) throw unavailable(name, "It gave no token.");
        this.#chosen = credential;
        steps.push({ credential: name, outcome: "token" });
        return { token, steps, errors };
      } catch (error) {
        const canGoOn = goesOn.has((error as Error | undefined)?.name ?? "");
        errors.push(error);
        steps.push(describe(name, error, canGoOn ? "skipped" : "failed"));
        if (!canGoOn) return { steps, errors };
      }
    }
    return { steps, errors };
  }
}

export class ChainedTokenCredential extends Chain {
  constructor(...sources: TokenCredential[]) {
    super(
      "ChainedTokenCredential",
      sources.map((credential) => ({ name: credential.constructor.name, credential })),
    );
  }
}
