/** Targets, headers, signatures, authorities and batches: what is read of a request before anybody is asked who sent it. */

import { isIPv4 } from "node:net";
import { parseBatch, readBoundary } from "../../../packages/server/src/blob/batch-body.ts";
import { readConditions, readLeaseId, writeConditions } from "../../../packages/server/src/blob/condition-headers.ts";
import { StorageError } from "../../../packages/server/src/blob/errors.ts";
import { decodeMarker, readPageSize } from "../../../packages/server/src/blob/list-page.ts";
import { readKept } from "../../../packages/server/src/blob/policy-headers.ts";
import { readRange } from "../../../packages/server/src/blob/range.ts";
import { RequestHeaders } from "../../../packages/server/src/blob/request-headers.ts";
import { readTagCondition, readTagHeader } from "../../../packages/server/src/blob/tags.ts";
import { parseTarget } from "../../../packages/server/src/blob/target.ts";
import { verifySharedKey } from "../../../packages/server/src/blob/ways-in/shared-key.ts";
import { sign } from "../../../packages/server/src/blob/ways-in/signatures.ts";
import { verifySignedAccess } from "../../../packages/server/src/blob/ways-in/signed-access.ts";
import { partQuery } from "../../../packages/server/src/blob/ways-in/signed-parameters.ts";
import { formatAuthority, parseAuthority, readNumericAddress } from "../../../packages/server/src/edge/authority.ts";
import { route } from "../../../packages/server/src/edge/hosts.ts";
import { judgeTarget } from "../../../packages/server/src/edge/proxy-policy.ts";
import { EntraRefusal } from "../../../packages/server/src/entra/fault.ts";
import { parseForm } from "../../../packages/server/src/entra/form.ts";
import { readAddress } from "../../../packages/server/src/graph/address.ts";
import { readBatch } from "../../../packages/server/src/graph/batch-body.ts";
import { GraphRefusal } from "../../../packages/server/src/graph/graph-fault.ts";
import type { StorageAccount } from "../../../packages/server/src/state/entities.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";
import { drawJson } from "./tokens.ts";

/** The edge's bound of a request line with its headers, in bytes. */
const maxHeadChars = 65_536;

const encode = (draw: Draw, text: string): string =>
  draw.chance(0.9) ? encodeURIComponent(text.toWellFormed()) : text;

function drawQuery(draw: Draw): string {
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

function drawPath(draw: Draw): string {
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

const headerNames = [
  ...[
    "range",
    "x-ms-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-ms-lease-id",
    "x-ms-tags",
    "x-ms-if-tags",
  ],
  ...[
    "x-ms-meta-a",
    "x-ms-meta-",
    "x-ms-meta-__proto__",
    "x-ms-immutability-policy-until-date",
    "x-ms-immutability-policy-mode",
    "x-ms-legal-hold",
    "content-md5",
    "x-http-method",
  ],
];

function drawHeaderValue(draw: Draw): string {
  return draw.one(
    () =>
      draw.pick([
        "bytes=0-9",
        "bytes=5-",
        "bytes=-5",
        "bytes=9-1",
        "bytes=0-99999999999999999999",
        "bytes=0-1,2-3",
        "*",
        '"0x8D"',
        '"a", "b"',
        'W/"a"',
        "true",
        "Locked",
      ]),
    () =>
      draw.pick([
        "Mon, 01 Jan 2026 00:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "2030-01-01T00:00:00Z",
        "yesterday",
        "a=b&c=d",
        "a='b' AND c>'d'",
        "11111111-2222-4333-8444-555555555555",
      ]),
    () => draw.text(30),
  );
}

export const httpHeaders: Subject = {
  name: "http-headers",
  files: [
    "packages/server/src/blob/request-headers.ts",
    "packages/server/src/blob/range.ts",
    "packages/server/src/blob/condition-headers.ts",
    "packages/server/src/blob/policy-headers.ts",
    "packages/server/src/blob/tags.ts",
  ],
  maxChars: maxHeadChars,
  words: [...headerNames.map((name) => `\n${name}: `), "bytes=", "-", ",", '"', "*", "GMT", "a=b&", "\n"],
  pumps: [
    ["range: bytes=", "1", "-"],
    ["if-match: ", '"a",', '"a"'],
    ["if-match: ", " ", "a"],
    ["x-ms-tags: ", "a=b&", ""],
    ["if-modified-since: ", "Mon, ", ""],
    ["x-ms-if-tags: ", "(", ""],
    ["", "x-ms-meta-a: b\n", ""],
  ],
  generate: (draw) =>
    draw
      .many(
        () =>
          `${draw.one(
            () => draw.pick(headerNames),
            () => draw.word(),
          )}: ${drawHeaderValue(draw)}`,
        1,
      )
      .join("\n"),
  read: (input) => {
    const raw = input.split("\n").flatMap((line) => {
      const mark = line.indexOf(":");
      return mark < 1 ? [] : [line.slice(0, mark).trim(), line.slice(mark + 1).trim()];
    });
    const headers = new RequestHeaders(raw);
    const metadata = headers.metadata();
    const range = readRange(headers, 100);
    if (range !== undefined)
      mustHold(JSON.stringify(range).match(/-\d|null|\d{16}/) === null, "a range within the blob");
    const conditions = readConditions(headers);
    const tags = readTagHeader(headers);
    readTagCondition(headers);
    readLeaseId(headers);
    readKept(headers, 0);
    writeConditions(headers);
    return accepted(
      `${metadata.length > 0} ${range !== undefined} ${Object.keys(conditions).length} ${tags.length > 0}`,
    );
  },
  isRefusal: refusalsOf(StorageError),
};

export const account = {
  name: "myaccount",
  allowSharedKeyAccess: true,
  keys: [{ name: "key1", value: Buffer.alloc(64, 7).toString("base64") }],
  delegationSecret: Buffer.alloc(32, 9).toString("base64"),
} as unknown as StorageAccount;
const tenantId = "11111111-1111-4111-8111-111111111111";
const now = new Date("2026-06-01T00:00:00Z");

export const signatures: Subject = {
  name: "shared-access-signatures",
  files: [
    "packages/server/src/blob/ways-in/signed-parameters.ts",
    "packages/server/src/blob/ways-in/signed-access.ts",
    "packages/server/src/blob/ways-in/address-range.ts",
  ],
  maxChars: maxHeadChars,
  words: [
    "&",
    "=",
    "sig=",
    "sv=2023-11-03",
    "sr=b",
    "sr=c",
    "sp=rwdl",
    "se=2026-12-31",
    "st=",
    "sip=1.2.3.4-1.2.3.5",
    "sip=10.0.0.0/8",
    "spr=https",
    "ss=b",
    "srt=sco",
    "si=p",
    "skoid=",
    "%2B",
    "%0a",
    "sip=999.1.1.1",
  ],
  pumps: [
    ["sig=a&sip=", "1.", ""],
    ["sig=a&se=", "0", ""],
    ["sig=a&sp=", "r", ""],
    ["", "sv=&", ""],
    ["sig=", "A", ""],
  ],
  generate: (draw) => {
    const version = draw.pick(["2023-11-03", "2018-11-09", "2015-04-05", "2026-04-06", "2014-02-14", "x"]);
    const end = draw.pick(["2026-12-31", "2026-12-31T00:00Z", "2026-12-31T00:00:00Z", "2025-01-01", "2026-02-31", ""]);
    const sip = draw.maybe(
      () => draw.pick(["127.0.0.1", "1.2.3.4-9.9.9.9", "9.9.9.9-1.1.1.1", "10.0.0.0/8", "10.0.0.0/99", "::1", "a"]),
      0.3,
    );
    const isAccount = draw.chance(0.4);
    const given: Record<string, string> = isAccount
      ? {
          sv: version,
          ss: draw.pick(["b", "bqtf", "x"]),
          srt: draw.pick(["sco", "o", "z"]),
          sp: draw.pick(["rwdlac", "r", "zz"]),
          se: end,
          sip,
        }
      : {
          sv: version,
          sr: draw.pick(["b", "c", "bs", "d"]),
          sp: draw.pick(["r", "racwd", "wr", ""]),
          se: end,
          sip,
          si: draw.maybe(() => "p", 0.2),
        };
    const lines = isAccount
      ? [
          account.name,
          given.sp,
          given.ss,
          given.srt,
          "",
          given.se,
          sip,
          "",
          version,
          ...(version >= "2020-12-06" ? [""] : []),
        ]
      : [
          given.sp,
          "",
          given.se,
          given.sr === "c" ? "/blob/myaccount/cont" : "/blob/myaccount/cont/b",
          given.si,
          sip,
          "",
          version,
          ...(version >= "2018-11-09" ? [given.sr, ""] : []),
          ...(version >= "2020-12-06" ? [""] : []),
          "",
          "",
          "",
          "",
          "",
        ];
    const text = isAccount ? `${lines.join("\n")}\n` : lines.join("\n");
    const signature = draw.chance(0.9) ? sign(account.keys[0]!.value, text) : draw.text(44);
    const pairs = Object.entries({ ...given, sig: signature }).filter(([, value]) => value !== "");
    return draw
      .shuffle(pairs)
      .map(([name, value]) => `${name}=${encode(draw, value)}`)
      .join("&");
  },
  read: (input) => {
    const target = parseTarget("/cont/b", input);
    const { signed, rest } = partQuery(target.query);
    if (signed === null) return refused("unsigned");
    const access = verifySignedAccess({
      ...{ account, signed, isSecure: true, address: "127.0.0.1", now, tenantId, target: { ...target, query: rest } },
      findAccess: () =>
        ({ publicAccess: null, policies: [{ id: "p", start: null, expiry: "2026-12-31", permissions: "r" }] }) as never,
    });
    return accepted(`${access.kind} ${access.resource} ${access.permissions}`);
  },
  isRefusal: (cause) =>
    cause instanceof StorageError
      ? `${cause.code} ${(cause.details.AuthenticationErrorDetail ?? "").replace(/".*/s, "").slice(0, 50)}`
      : undefined,
};

export const sharedKeys: Subject = {
  name: "shared-keys",
  files: ["packages/server/src/blob/ways-in/shared-key.ts"],
  maxChars: maxHeadChars,
  words: [
    "\nauthorization: SharedKey myaccount:",
    "\nauthorization: SharedKeyLite ",
    "\nx-ms-date: ",
    "\nx-ms-version: 2023-11-03",
    ":",
    "=",
    "\n",
    "GMT",
  ],
  pumps: [
    ["authorization: SharedKey ", "a", ":"],
    ["authorization: SharedKey myaccount:", "A", "="],
    ["", "x-ms-a: b\n", ""],
    ["x-ms-date: ", "0", ""],
  ],
  generate: (draw) => {
    const isLite = draw.chance(0.5);
    const date = draw.pick(["Mon, 01 Jun 2026 00:00:00 GMT", "Mon, 01 Jun 2026 00:00:00 GMT", "x", "2026-06-01"]);
    const named = [
      `x-ms-date:${date}`,
      ...draw
        .maybe(() => "x-ms-version:2023-11-03", 0.5)
        .split("\n")
        .filter(Boolean),
    ];
    const text = `GET\n${"\n".repeat(isLite ? 3 : 11)}${named.map((line) => `${line}\n`).join("")}/myaccount/cont/b`;
    const signature = draw.chance(0.8) ? sign(account.keys[0]!.value, text) : draw.text(44);
    const scheme = draw.chance(0.95) ? (isLite ? "SharedKeyLite" : "SharedKey") : "sharedkey";
    return [`authorization: ${scheme} ${draw.chance(0.95) ? "myaccount" : "other"}:${signature}`, ...named].join("\n");
  },
  read: (input) => {
    const raw = input.split("\n").flatMap((line) => {
      const mark = line.indexOf(":");
      return mark < 1 ? [] : [line.slice(0, mark).trim(), line.slice(mark + 1).trim()];
    });
    verifySharedKey({
      account,
      method: "GET",
      headers: new RequestHeaders(raw),
      path: "/cont/b",
      query: new Map(),
      now,
    });
    return accepted("signed");
  },
  isRefusal: (cause) =>
    cause instanceof StorageError
      ? `${cause.code} ${(cause.details.AuthenticationErrorDetail ?? "").slice(0, 24)}`
      : undefined,
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

const boundary = "batch_x";

export const blobBatches: Subject = {
  name: "multipart-batches",
  files: ["packages/server/src/blob/batch-body.ts"],
  maxChars: 1_048_576,
  words: [
    "\r\n",
    "\r\n\r\n",
    "\n",
    `--${boundary}`,
    `--${boundary}--`,
    "Content-Type: application/http",
    "Content-ID: 1",
    "DELETE /cont/b HTTP/1.1",
    " HTTP/1.1",
    "x-ms-date: x",
    ": ",
    "?",
    "#",
  ],
  pumps: [
    [`--${boundary}\r\n`, "\r\n", ""],
    [`--${boundary}\r\n`, "a: b\r\n", "\r\n"],
    ["", `--${boundary}\r\n`, ""],
    [`--${boundary}\r\na:`, " ", "b\r\n"],
    [`--${boundary}\r\nContent-Type: application/http\r\n\r\nDELETE /`, "a", " HTTP/1.1\r\n"],
  ],
  generate: (draw) => {
    const eol = draw.chance(0.97) ? "\r\n" : "\n";
    const part = () =>
      [
        ...[
          `--${boundary}`,
          "Content-Type: application/http",
          "Content-Transfer-Encoding: binary",
          `Content-ID: ${draw.digits()}`,
          "",
        ],
        `${draw.pick(["DELETE", "PUT", "GET", "delete", "POST"])} ${draw.one(
          () => "/cont/b",
          () => drawPath(draw),
        )}${draw.maybe(() => `?${drawQuery(draw)}`, 0.3)} HTTP/1.${draw.chance(0.95) ? 1 : 0}`,
        ...draw.many(
          () =>
            `${draw.one(
              () => draw.pick(["x-ms-date", "Authorization", "Content-Length", "Host"]),
              () => draw.word(),
            )}: ${draw.text()}`,
        ),
        "",
        draw.maybe(() => draw.text(), 0.05),
      ].join(eol);
    return `${draw.many(part, 1).join(eol)}${eol}--${boundary}--${draw.maybe(() => eol)}`;
  },
  read: (input) => {
    readBoundary(new RequestHeaders(["content-type", `multipart/mixed; boundary=${boundary}`]));
    const parts = parseBatch(Buffer.from(input, "latin1"), boundary);
    const written = parts.map(({ contentId, method, path, query, rawHeaders }) => {
      const headers = rawHeaders.flatMap((name, index) =>
        index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
      );
      const own = ["Content-Type: application/http", ...(contentId === null ? [] : [`Content-ID: ${contentId}`])];
      return [
        `--${boundary}`,
        ...own,
        "",
        `${method} ${path}${query === "" ? "" : `?${query}`} HTTP/1.1`,
        ...headers,
        "",
        "",
      ].join("\r\n");
    });
    const again = parseBatch(Buffer.from(`${written.join("\r\n")}\r\n--${boundary}--`, "latin1"), boundary);
    mustEqual(again, parts, "a batch written and read again");
    return accepted(`${parts.length} parts`, true);
  },
  isRefusal: refusalsOf(StorageError),
};

export const graphBatches: Subject = {
  name: "json-batches",
  files: ["packages/server/src/graph/batch-body.ts"],
  maxChars: 1_048_576,
  words: [
    '"requests"',
    '"id"',
    '"method"',
    '"url"',
    '"headers"',
    '"body"',
    '"dependsOn"',
    '"GET"',
    '"//x/y"',
    '"https://x"',
    "null",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"__proto__"',
    '"Authorization"',
  ],
  pumps: [
    ["", "[", ""],
    ['{"requests":[', "{},", "{}]}"],
    ['{"requests":[{"id":"', "1", '"}]}'],
  ],
  generate: (draw) => {
    const part = (_: unknown, index: number) =>
      `{"id":${draw.chance(0.95) ? `"${index}"` : drawJson(draw)},"method":"${draw.pick(["GET", "get", "DELETE", "PATCH", "HEAD"])}","url":${JSON.stringify(
        draw.one(
          () => "/me",
          () => drawPath(draw),
          () => draw.pick(["//x/y", "https://x/y", "a\\b", "/a#b", "x"]),
        ),
      )}${draw.maybe(
        () =>
          `,"headers":${draw.one(
            () => '{"Content-Type":"application/json"}',
            () => drawJson(draw),
          )}`,
      )}${draw.maybe(() => `,"body":${drawJson(draw)}`, 0.3)}${draw.maybe(
        () =>
          `,"dependsOn":${draw.one(
            () => `["${index - 1}"]`,
            () => drawJson(draw),
          )}`,
        0.3,
      )}}`;
    return draw.chance(0.1)
      ? drawJson(draw)
      : `{"requests":[${Array.from({ length: 1 + draw.int(draw.chance(0.05) ? 25 : 4) }, part).join(",")}]}`;
  },
  read: (input) => {
    let value: unknown;
    try {
      value = JSON.parse(input);
    } catch {
      return refused("no JSON");
    }
    const parts = readBatch(value);
    for (const { path } of parts)
      mustHold(path.startsWith("/") && !path.startsWith("//"), `a part that leads away: ${path}`);
    return accepted(`${Math.min(parts.length, 5)} parts`);
  },
  isRefusal: (cause) =>
    cause instanceof GraphRefusal
      ? `${cause.fault.kind} ${((cause.fault as { why?: string }).why ?? "").replace(/'.*'|: .*/s, "").slice(0, 40)}`
      : undefined,
};
