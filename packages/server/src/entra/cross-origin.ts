/**
 * Which web pages may redeem what: a page of a single-page app from its own origin only, and nothing that was issued to another kind of client.
 * Browsers put `Origin` on such requests and no page can change it; a program outside a browser sends none.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url#cross-origin-resource-sharing-cors-requirement-for-the-authorization-code-flow
 */
import type { ClientPlatform } from "../tokens/refresh-token.ts";
import { refuse } from "./fault.ts";
import type { Visit } from "./visit.ts";

/**
 * @param expected the origin that was signed in from, for a single-page app.
 * @throws EntraRefusal `origin-needed`, `origin-not-allowed`.
 */
export function checkOrigin(visit: Visit, platform: ClientPlatform, expected: string): void {
  const { origin } = visit.exchange.request.headers;
  if (platform !== "spa") {
    if (origin !== undefined) refuse({ kind: "origin-not-allowed", origin });
    return;
  }
  if (origin === undefined) refuse({ kind: "origin-needed" });
  if (origin !== expected) refuse({ kind: "origin-not-allowed", origin });
}
