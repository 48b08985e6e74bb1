/**
 * What every surface is given: the state, the ways to change it, the token service and the ports. Made by compose, known to surfaces as a type only.
 */

import type { SecretKeeper } from "./directory/secrets.ts";
import type { Drills } from "./drills/drills.ts";
import type { RateLimits } from "./guard/rate-limits.ts";
import type { Recorder } from "./observe/records.ts";
import type { Ports } from "./state/ports.ts";
import type { ReadModel } from "./state/read-model.ts";
import type { StateStore } from "./store/state-store.ts";
import type { TokenVerifier } from "./tokens/token.ts";

export type Cloud = {
  readonly store: StateStore;
  /** `store.model`, for reading. */
  readonly model: ReadModel;
  readonly secrets: SecretKeeper;
  readonly verifier: TokenVerifier;
  readonly recorder: Recorder;
  readonly ports: Ports;
  /** What is made to go wrong on purpose; absent where nothing can be. */
  readonly drills?: Drills;
  /** How much one caller may ask; absent: as much as it likes. */
  readonly rateLimits?: RateLimits | undefined;
};
