import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeTarget, type ProxyForm, type ProxyPolicy } from "./proxy-policy.ts";

const online: ProxyPolicy = { isOffline: false, isLoopbackOnly: true, canTunnelForOthers: false, ownPort: 8443 };
const offline: ProxyPolicy = { ...online, isOffline: true };
const exposed: ProxyPolicy = { ...online, isLoopbackOnly: false };
const exposedOpen: ProxyPolicy = { ...exposed, canTunnelForOthers: true };

const rows: [ProxyPolicy, ProxyForm, string, number, string][] = [
  [online, "connect", "login.microsoftonline.com", 443, "terminate"],
  [offline, "connect", "acct.blob.core.windows.net", 443, "terminate"],
  [exposed, "connect", "graph.microsoft.com", 443, "terminate"],
  // never on to the real one
  [online, "connect", "graph.microsoft.com", 80, "refuse 403"],
  [online, "plain", "graph.microsoft.com", 80, "refuse 400"],
  [online, "plain", "acct.blob.core.windows.net", 443, "refuse 400"],
  // metadata services, under every policy
  [online, "connect", "169.254.169.254", 80, "drop"],
  [online, "plain", "169.254.169.254", 80, "drop"],
  [offline, "plain", "fe80::a", 80, "drop"],
  [exposedOpen, "plain", "metadata.google.internal", 80, "drop"],
  [online, "connect", "2852039166", 80, "drop"],
  [online, "plain", "0xa9fea9fe", 80, "drop"],
  [exposedOpen, "connect", "0251.254.43518", 80, "drop"],
  [exposedOpen, "connect", "127.1", 22, "refuse 403"],
  [exposedOpen, "connect", "0", 22, "refuse 403"],
  // ourselves
  [online, "connect", "localhost", 8443, "terminate"],
  [offline, "connect", "::1", 8443, "terminate"],
  [online, "plain", "127.0.0.1", 8443, "self"],
  // the user's own local services, never those of an exposed machine
  [online, "connect", "localhost", 5432, "pass local"],
  [offline, "plain", "127.0.0.1", 8000, "pass local"],
  [exposed, "connect", "localhost", 22, "refuse 403"],
  [exposedOpen, "connect", "127.0.0.1", 22, "refuse 403"],
  // which a connection to "no address" reaches, too
  [exposedOpen, "connect", "0.0.0.0", 22, "refuse 403"],
  [exposedOpen, "plain", "::", 80, "refuse 403"],
  [exposedOpen, "connect", "::ffff:0:0", 22, "refuse 403"],
  [online, "connect", "0.0.0.0", 8443, "terminate"],
  // everybody else
  [online, "connect", "example.com", 443, "pass"],
  [online, "plain", "example.com", 80, "pass"],
  [offline, "connect", "example.com", 443, "refuse 403"],
  [offline, "plain", "example.com", 80, "refuse 403"],
  [exposed, "connect", "example.com", 443, "refuse 403"],
  [exposed, "plain", "example.com", 80, "refuse 403"],
  [exposedOpen, "connect", "example.com", 443, "pass"],
  [{ ...exposedOpen, isOffline: true }, "connect", "example.com", 443, "refuse 403"],
];

test("each target gets its verdict", () => {
  for (const [policy, form, host, port, expected] of rows) {
    const verdict = judgeTarget(form, { host, port }, policy);
    const text =
      verdict.kind === "refuse"
        ? `refuse ${verdict.status}`
        : verdict.kind === "pass" && verdict.isLocal
          ? "pass local"
          : verdict.kind;
    assert.equal(text, expected, `${form} ${host}:${port} ${JSON.stringify(policy)}`);
  }
});
