/** Targets of requests, forms, and the authorities that the proxy is asked for. */

import { isIPv4 } from "node:net";
import { StorageError } from "../../../packages/server/src/blob/errors.ts";
import { decodeMarker, readPageSize } from "../../../packages/server/src/blob/list-page.ts";
import { parseTarget } from "../../../packages/server/src/blob/target.ts";
import { formatAuthority, parseAuthority, readNumericAddress } from "../../../packages/server/src/edge/authority.ts";
import { route } from "../../../packages/server/src/edge/hosts.ts";
import { judgeTarget } from "../../../packages/server/src/edge/proxy-policy.ts";
import { EntraRefusal } from "../../../packages/server/src/entra/fault.ts";
import { parseForm } from "../../../packages/server/src/entra/form.ts";
import { readAddress } from "../../../packages/server/src/graph/address.ts";
import { GraphRefusal } from "../../../packages/server/src/graph/graph-fault.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";

/** The edge's bound of a request line with its headers, in bytes. */
export const maxHeadChars = 65_536;

export const encode = (draw: Draw, text: string): string =>
  draw.chance(0.9) ? encodeURIComponent(text.toWellFormed()) : text;

export function drawQuery(draw: Draw): string {
  const names = [
    "comp",
    "restype",
    "prefix",
    "marker",
    "maxresults",
    "include",
    "snapshot",
    "versionid",
    "timeout",
    "where",
    "blockid",
  ];
  return draw
    .many(
      () =>
        `${draw.one(
          () => draw.pick(names),
          () => encode(draw, draw.text()),
        )}${draw.maybe(() => "=", 0.9)}${encode(
          draw,
          draw.one(
            () =>
              draw.pick(["list", "container", "1!YQ", "5000", "-1", "metadata,tags", "2026-01-01T00:00:00.0000000Z"]),
            () => draw.text(),
          ),
        )}`,
    )
    .join("&");
}

export function drawPath(draw: Draw): string {
  return `/${draw
    .many(() =>
      draw.one(
        () =>
          draw.pick([
            "cont",
            "$root",
            "a",
            "B",
            "%2e%2e",
            "..",
            "%2F",
            "%5c",
            "",
            "%00",
            "v1.0",
            "users('x''y')",
            "applications(appId='a')",
          ]),
        () => encode(draw, draw.text()),
      ),
    )
    .join("/")}`;
}

const targetWords = [
  "/",
  "//",
  "%2f",
  "%2F",
  "%5c",
  "%00",
  "%",
  "%ff",
  "%c0%af",
  "..",
  ".",
  "?",
  "&",
  "=",
  "+",
  "#",
  "\\",
  "$root",
  "restype=container",
  "comp=list",
  "('",
  "')",
  "%27",
];

export const httpTargets: Subject = {
  name: "http-targets",
  files: [
    "packages/server/src/edge/hosts.ts",
    "packages/server/src/blob/target.ts",
    "packages/server/src/graph/address.ts",
    "packages/server/src/blob/list-page.ts",
  ],
  maxChars: maxHeadChars,
  words: [...targetWords, "https://a.blob.core.windows.net/", "http://", "https://x@y/"],
  pumps: [
    ["", "/", ""],
    ["/", "%2e", ""],
    ["/a/", "a", ""],
    ["/?", "&", ""],
    ["/?", "a=b&", ""],
    ["/", "('", ""],
    ["/v1.0/a('", "''", ""],
    ["https://", "a.", "/"],
  ],
  generate: (draw) =>
    draw.maybe(
      () =>
        draw.pick(["https://myaccount.blob.core.windows.net", "https://graph.microsoft.com", "https://localhost:1"]),
      0.2,
    ) +
    drawPath(draw) +
    draw.maybe(() => `?${drawQuery(draw)}`, 0.7),
  read: (input) => {
    const host = ["myaccount.blob.core.windows.net", "graph.microsoft.com", "localhost:8443", "management.azure.com"][
      input.length % 4
    ]!;
    const found = route({ host, target: input });
    if ("refused" in found) return refused(found.refused);
    if (found.surface === "graph") {
      const { segments } = readAddress(found.path.replace(/^\/graph/i, ""));
      return accepted(`graph ${segments.map(({ kind }) => kind).join()}`);
    }
    if (found.surface !== "blob") return accepted(found.surface);
    const target = parseTarget(found.path, found.query);
    if (target.level === "blob")
      mustHold(
        !target.blob.split("/").some((part) => part === ".." || part === "."),
        "a blob's name without dot segments",
      );
    decodeMarker(target.query);
    const size = readPageSize(target.query);
    mustHold(size >= 1 && size <= 5000, "a page's size within its bound");
    return accepted(`blob ${target.level} ${target.query.size > 0}`);
  },
  isRefusal: refusalsOf(StorageError, GraphRefusal),
};

export const forms: Subject = {
  name: "forms",
  files: ["packages/server/src/entra/form.ts"],
  maxChars: 65_536,
  words: ["&", "=", "%", "%00", "%ff", "+", "grant_type=", "client_id=", "scope="],
  pumps: [
    ["", "&", ""],
    ["", "=", ""],
    ["", "%20", ""],
    ["", "a=b&", ""],
  ],
  generate: (draw) =>
    draw
      .many(
        () =>
          `${draw.one(
            () => draw.pick(["grant_type", "client_id", "scope", "code"]),
            () => encode(draw, draw.text()),
          )}=${encode(draw, draw.text())}`,
      )
      .join("&"),
  read: (input) => {
    const form = parseForm(input);
    const written = [...form]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join("&");
    mustEqual([...parseForm(written)], [...form], "a form written and read again");
    return accepted(`${Math.min(form.size, 6)} parameters`, true);
  },
  isRefusal: (cause) => (cause instanceof URIError ? "lone surrogate" : refusalsOf(EntraRefusal)(cause)),
};

export const connectTargets: Subject = {
  name: "connect-targets",
  files: ["packages/server/src/edge/authority.ts", "packages/server/src/edge/proxy-policy.ts"],
  maxChars: maxHeadChars,
  words: [
    ":443",
    ":",
    "[",
    "]",
    "::1",
    "::ffff:",
    "169.254.169.254",
    "0xa9.254.43518",
    "2852039166",
    "localhost",
    ".",
    "..",
    "@",
    "%",
    "graph.microsoft.com",
    "metadata.google.internal",
    "0177.0.0.1",
  ],
  pumps: [
    ["", "a.", ":443"],
    ["", "1.", ""],
    ["[", ":", "]:443"],
    ["", "a", ":443"],
    ["a:", "1", ""],
    ["[", "0:", "]"],
  ],
  generate: (draw) => {
    const host = draw.one(
      () =>
        draw.pick([
          "graph.microsoft.com",
          "myaccount.blob.core.windows.net",
          "localhost",
          "LOGIN.microsoftonline.com.",
          "example.org",
          "metadata.google.internal",
        ]),
      () => Array.from({ length: 4 }, () => draw.int(256)).join("."),
      () => draw.pick(["2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376", "0", "127.1"]),
      () =>
        `[${draw.pick(["::1", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::1", "::", "1:2:3:4:5:6:7:8", "::1%eth0"])}]`,
      () => draw.many(() => draw.word(), 1).join("."),
    );
    return `${host}:${draw.pick(["443", "80", "65535", "65536", "0", "8443", ""])}`;
  },
  read: (input) => {
    const authority = parseAuthority(input);
    if (authority === undefined) return refused("no authority");
    mustEqual(parseAuthority(formatAuthority(authority, 0)), authority, "an authority written and read again");
    const { host, port = 443 } = authority;
    const verdict = judgeTarget(
      input.length % 2 === 0 ? "connect" : "plain",
      { host, port },
      { isOffline: true, isLoopbackOnly: input.length % 3 === 0, canTunnelForOthers: false, ownPort: 8443 },
    );
    const address = readNumericAddress(host);
    mustHold(
      !(isIPv4(address) && address.startsWith("169.254.")) || verdict.kind === "drop",
      `a way to a metadata service: ${address} ${verdict.kind}`,
    );
    mustHold(verdict.kind !== "pass" || verdict.isLocal, "offline lets nothing out");
    return accepted(`${verdict.kind} ${host.includes(":")}`, true);
  },
  isRefusal: () => undefined,
};
