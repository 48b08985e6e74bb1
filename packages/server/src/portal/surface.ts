/**
 * The portal's page and what it loads: static files, made by the build, the same for everyone.
 *
 * Owns: which address is the page and which a file, and the headers that keep the page to itself. Every address below `/portal` is the page,
 * which reads the rest itself; the files lie under `/portal/assets`, named by their content. The page has no API of its own: it calls Graph,
 * Resource Manager and Blob storage with tokens like any client. May use: the wire types. Spec: RFC 9110 (conditional requests, content
 * negotiation); Content Security Policy 3; Trusted Types.
 */
import type { Cloud } from "../cloud.ts";
import { admitAddress } from "../guard/admission.ts";
import { type Exchange, sendReply } from "../wire/exchange.ts";
import type { OperationRow, Surface } from "../wire/operation.ts";
import { type Asset, type Assets, openAssets, pickEncoding } from "./assets.ts";

const assetRoot = "/portal/assets/";
const pageFile = "index.html";
const doc = "https://www.rfc-editor.org/rfc/rfc9110";

const operations: readonly OperationRow[] = [
  {
    operation: "Portal page",
    method: "GET",
    match: "/portal/{page}",
    permission: "public",
    doc,
    sample: { target: "/portal" },
  },
  {
    operation: "Portal file",
    method: "GET",
    match: `${assetRoot}{file}`,
    permission: "public",
    doc,
    sample: { target: `${assetRoot}main.js` },
  },
];

/** A year, in seconds: the longest that caches honour (RFC 9111 names none; browsers cap there). A file's name changes with its content. */
const immutableSeconds = 31_536_000;

const textHeaders = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } as const;

const notBuilt = "The portal has not been built. Run `npm run build` in the repository, then load this page again.\n";

/** On every answer of the portal. `same-origin`: what the page calls may know where it was called from, nobody else. */
const safetyHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** @param assets what the build made; opened at the first request, so that nobody else waits for it. */
export function createPortalSurface(
  cloud: Pick<Cloud, "rateLimits">,
  assets: () => Assets | undefined = openAssets(),
): Surface {
  return {
    name: "portal",
    operations,
    handle: async (exchange: Exchange) => {
      admitAddress(cloud, exchange, "");
      const { method } = exchange.request;
      if (method !== "GET" && method !== "HEAD") {
        sendReply(exchange, { status: 405, headers: { ...textHeaders, allow: "GET, HEAD" }, body: "GET only\n" });
        return;
      }
      await answerRead(exchange, assets());
    },
  };
}

async function answerRead(exchange: Exchange, assets: Assets | undefined): Promise<void> {
  if (assets === undefined) {
    sendReply(exchange, { status: 503, headers: textHeaders, body: notBuilt });
    return;
  }
  const isFile = exchange.path.startsWith(assetRoot);
  const asset = assets.find(isFile ? exchange.path.slice("/portal/".length) : pageFile);
  if (asset === undefined) {
    sendReply(exchange, { status: 404, headers: textHeaders, body: "not found\n" });
    return;
  }
  await sendAsset(exchange, assets, asset, isFile ? fileHeaders : pageHeaders(exchange.origin));
}

async function sendAsset(
  exchange: Exchange,
  assets: Assets,
  asset: Asset,
  cacheHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  const encoding = pickEncoding(asset, String(exchange.request.headers["accept-encoding"] ?? ""));
  // One tag for each encoding: a cache must not join a part of one with a part of another (RFC 9110 section 8.8.3.3).
  const etag = `"${asset.hash}${encoding === undefined ? "" : `-${encoding}`}"`;
  const headers = { ...safetyHeaders, ...cacheHeaders, etag, vary: "accept-encoding" };
  if (isKnown(exchange.request.headers["if-none-match"], etag)) {
    sendReply(exchange, { status: 304, headers });
    return;
  }
  const body = await assets.read(asset, encoding).catch(() => undefined);
  if (body === undefined) {
    // The build has taken it away just now.
    sendReply(exchange, { status: 503, headers: textHeaders, body: notBuilt });
    return;
  }
  const encodingHeader = encoding === undefined ? {} : { "content-encoding": encoding };
  sendReply(exchange, { status: 200, headers: { ...headers, ...encodingHeader, "content-type": asset.type }, body });
}

function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

const fileHeaders = { "cache-control": `public, max-age=${immutableSeconds}, immutable` } as const;

function pageHeaders(origin: string): Record<string, string> {
  return {
    "cache-control": "no-cache",
    "content-security-policy": contentPolicy(origin),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-frame-options": "DENY",
  };
}

/** Scripts and styles by their folder's address, not by origin: on localhost, blobs of a path-style account lie under the same origin. */
function contentPolicy(origin: string): string {
  const files = `${origin}${assetRoot}`;
  return [
    "default-src 'none'",
    `script-src ${files}`,
    `style-src ${files}`,
    `img-src ${files}`,
    // Sign-in, Graph, Resource Manager and path-style Blob storage are all on this origin.
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    // The one policy is the component library's, for its own constant templates.
    "require-trusted-types-for 'script'",
    "trusted-types fast-html",
  ].join("; ");
}
