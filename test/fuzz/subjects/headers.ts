/** Headers and signatures: what a request says beside its target, and by what right. */

import { readConditions, readLeaseId, writeConditions } from "../../../packages/server/src/blob/condition-headers.ts";
import { StorageError } from "../../../packages/server/src/blob/errors.ts";
import { readKept } from "../../../packages/server/src/blob/policy-headers.ts";
import { readRange } from "../../../packages/server/src/blob/range.ts";
import { RequestHeaders } from "../../../packages/server/src/blob/request-headers.ts";
import { readTagCondition, readTagHeader } from "../../../packages/server/src/blob/tags.ts";
import { parseTarget } from "../../../packages/server/src/blob/target.ts";
import { verifySharedKey } from "../../../packages/server/src/blob/ways-in/shared-key.ts";
import { sign } from "../../../packages/server/src/blob/ways-in/signatures.ts";
import { verifySignedAccess } from "../../../packages/server/src/blob/ways-in/signed-access.ts";
import { partQuery } from "../../../packages/server/src/blob/ways-in/signed-parameters.ts";
import { readTrace, traceHeaders } from "../../../packages/server/src/observe/trace-context.ts";
import type { StorageAccount } from "../../../packages/server/src/state/entities.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";
import { encode, maxHeadChars } from "./wire.ts";

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
      headers: new RequestHeaders([]),
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
      target: parseTarget("/cont/b", ""),
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

export const traceContexts: Subject = {
  name: "trace-contexts",
  files: ["packages/server/src/observe/trace-context.ts"],
  maxChars: maxHeadChars,
  words: ["00-", "-01", "-", "ff-", "0".repeat(32), "a".repeat(32), "b".repeat(16), "\n", "a=b,"],
  pumps: [
    ["00-", "a", "-01"],
    ["", "-", ""],
    [`00-${"a".repeat(32)}-${"b".repeat(16)}-01\n`, "a=b,", ""],
  ],
  generate: (draw) => {
    const hex = (length: number) => Array.from({ length }, () => draw.pick([..."0123456789abcdef"])).join("");
    const version = draw.pick(["00", "00", "01", "ff", "0"]);
    const more = draw.maybe(() => `-${draw.text()}`, 0.1);
    return `${version}-${hex(draw.chance(0.9) ? 32 : 31)}-${hex(16)}-${hex(2)}${more}\n${draw.maybe(() => `a=${draw.text()}`)}`;
  },
  read: (input) => {
    const [traceparent, tracestate] = input.split("\n", 2);
    const requestId = "11111111-2222-4333-8444-555555555555";
    const ask = (headers: object) => readTrace({ request: { headers }, requestId } as Parameters<typeof readTrace>[0]);
    const trace = ask({ traceparent, tracestate });
    const passedOn = traceHeaders(trace);
    mustHold(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(passedOn.traceparent!),
      "what is passed on is well formed",
    );
    mustEqual(ask(passedOn).traceId, trace.traceId, "a trace passed on and read again");
    return trace.parentSpanId === undefined
      ? refused("none")
      : accepted(trace.state === undefined ? "trace" : "state", true);
  },
  isRefusal: () => undefined,
};
