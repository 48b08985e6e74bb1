/** Bodies that hold several requests. */

import { parseBatch, readBoundary } from "../../../packages/server/src/blob/batch-body.ts";
import { StorageError } from "../../../packages/server/src/blob/errors.ts";
import { RequestHeaders } from "../../../packages/server/src/blob/request-headers.ts";
import { readBatch } from "../../../packages/server/src/graph/batch-body.ts";
import { GraphRefusal } from "../../../packages/server/src/graph/graph-fault.ts";
import { accepted, mustEqual, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";
import { drawJson } from "./tokens.ts";

import { drawPath, drawQuery } from "./wire.ts";

const boundary = "batch_x";
/** The beginning of a part, its request line and the end of a batch: what is between them is read only when all are there. */
const own = `--${boundary}\r\nContent-Type: application/http\r\n`;
const line = "DELETE /cont/b HTTP/1.1\r\n";
const closing = `\r\n--${boundary}--`;

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
    [`--${boundary}\r\n`, "\r\n", closing],
    ["", `--${boundary}\r\n`, closing],
    [`--${boundary}\r\n`, "a: b\r\n", `\r\n${line}${closing}`],
    [`${own}a:`, " ", `b\r\n\r\n${line}${closing}`],
    [`${own}a:`, " ", `\u0001\r\n\r\n${line}${closing}`],
    [`${own}a: b`, " ", `b\r\n\r\n${line}${closing}`],
    [`${own}\r\n${line}`, "\r\n", `x${closing}`],
    [`${own}\r\n${line}`, "a: b\r\n", closing],
    [`${own}\r\nDELETE /`, "a", ` HTTP/1.1\r\n${closing}`],
    [`${own}\r\nDELETE /`, "?", ` HTTP/1.1\r\n${closing}`],
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
      const ownHeaders = [
        "Content-Type: application/http",
        ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
      ];
      return [
        `--${boundary}`,
        ...ownHeaders,
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
