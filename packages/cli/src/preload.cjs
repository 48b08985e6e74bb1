/**
 * Loaded by `postern run` into every Node program, before the program: makes an older Node's own fetch use the proxy variables.
 *
 * CommonJS, so that every Node can load it. Does nothing where Node reads the variables itself (24, and 22.21 on), where there is no
 * proxy, or where undici cannot run. Programs and clients that bring their own proxy settings are not touched.
 * @see https://nodejs.org/api/cli.html#node_use_env_proxy1
 */
"use strict";

const FIRST_MAJOR_WITH_ENV_PROXY = 24;

function hasEnvProxy() {
  const flags = process.allowedNodeEnvironmentFlags;
  const major = Number.parseInt(process.versions.node, 10);
  return major >= FIRST_MAJOR_WITH_ENV_PROXY || flags?.has("--use-env-proxy");
}

const isNeeded = (process.env.HTTPS_PROXY || process.env.https_proxy) && typeof fetch === "function" && !hasEnvProxy();

if (isNeeded) {
  try {
    const { EnvHttpProxyAgent, setGlobalDispatcher } = require("undici");
    setGlobalDispatcher(new EnvHttpProxyAgent());
  } catch {
    // A Node that undici does not run on has no fetch that could use it: the program goes on as it would have.
  }
}
