/**
 * What the Entra surface remembers between requests and may forget: all of it is bounded and in memory, none of it survives a restart.
 * What must not be forgotten (who may what, which codes and tokens were used) is in the store.
 */
import type { Ports } from "../state/ports.ts";
import { DeviceCodes } from "./device/device-codes.ts";
import { Sessions } from "./sign-in/browser.ts";

export type Memory = {
  readonly sessions: Sessions;
  readonly deviceCodes: DeviceCodes;
};

export function createMemory(ports: Ports): Memory {
  return { sessions: new Sessions(), deviceCodes: new DeviceCodes(ports) };
}
