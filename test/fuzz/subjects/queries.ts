/** What clients ask lists with: the options of OData on Graph, and the filters of Resource Manager. */
import { ArmRefusal } from "../../../packages/server/src/arm/fault.ts";
import { parseFilter as parseArmFilter } from "../../../packages/server/src/arm/filter.ts";
import { type FilterNode, parseFilter } from "../../../packages/server/src/graph/filter.ts";
import type { Literal } from "../../../packages/server/src/graph/filter-lexer.ts";
import { compileFilter } from "../../../packages/server/src/graph/filter-predicate.ts";
import { GraphRefusal } from "../../../packages/server/src/graph/graph-fault.ts";
import { maxFilterLength, maxQueryLength, maxSearchLength } from "../../../packages/server/src/graph/limits.ts";
import { parseQuery } from "../../../packages/server/src/graph/query.ts";
import { compileSearch, parseSearch, type SearchNode } from "../../../packages/server/src/graph/search.ts";
import { userType } from "../../../packages/server/src/graph/user-type.ts";
import { makeSampleModel, user } from "../../../packages/server/src/tokens/sample-directory.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, refusalsOf, type Subject } from "../subject.ts";

const row = user;
const at = { model: makeSampleModel() };
export const quoted = (draw: Draw, text: string): string =>
  `'${draw.chance(0.95) ? text.replaceAll("'", "''") : text}'`;

function drawLiteral(draw: Draw): string {
  return draw.one(
    () => quoted(draw, draw.text()),
    () => quoted(draw, draw.word()),
    () => draw.guid(),
    () =>
      draw.pick([
        "true",
        "false",
        "null",
        "1",
        "-5",
        "1.5e3",
        "1e99",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2026-13-99T99:99:99Z",
      ]),
  );
}

const properties = [
  "displayName",
  "id",
  "accountEnabled",
  "mail",
  "createdDateTime",
  "userPrincipalName",
  "x/y",
  "unknown",
  "assignedLicenses",
  "businessPhones",
];

function drawFilter(draw: Draw, depth = 0): string {
  if (depth > 5 || draw.chance(0.4)) {
    const path = draw.pick(properties);
    return draw.one(
      () => `${path} ${draw.pick(["eq", "ne", "gt", "ge", "lt", "le", "EQ", "has"])} ${drawLiteral(draw)}`,
      () => `${path} in (${draw.many(() => drawLiteral(draw), 1).join(",")})`,
      () =>
        `${draw.pick(["startswith", "endswith", "contains", "startsWith", "tolower"])}(${path},${drawLiteral(draw)})`,
      () =>
        `${path}/${draw.pick(["any", "all"])}(x:${draw.one(
          () => `x eq ${drawLiteral(draw)}`,
          () => drawFilter(draw, depth + 3),
        )})`,
      () => `${path}/any()`,
      () => `${path}/$count eq 0`,
    );
  }
  return draw.one(
    () => `${drawFilter(draw, depth + 1)} and ${drawFilter(draw, depth + 1)}`,
    () => `${drawFilter(draw, depth + 1)} or ${drawFilter(draw, depth + 1)}`,
    () => `not ${drawFilter(draw, depth + 1)}`,
    () => `(${drawFilter(draw, depth + 1)})`,
    () => `not (${drawFilter(draw, depth + 1)})`,
  );
}

/** @returns undefined for a literal that has no one spelling: a time that is none. */
function printLiteral({ kind, value }: Literal): string | undefined {
  if (kind === "string") return `'${value.replaceAll("'", "''")}'`;
  if (kind === "time") return Number.isNaN(value) ? undefined : new Date(value).toISOString();
  if (kind === "number") return /^-?\d{1,15}(\.\d{1,15})?$/.test(String(value)) ? String(value) : undefined;
  return String(value);
}

function printFilter(node: FilterNode): string | undefined {
  switch (node.kind) {
    case "and":
    case "or": {
      const parts = node.parts.map(printFilter);
      return parts.includes(undefined) ? undefined : parts.map((part) => `(${part})`).join(` ${node.kind} `);
    }
    case "not":
      return printed(printFilter(node.part), (part) => `not (${part})`);
    case "compare":
      return printed(printLiteral(node.literal), (literal) => `${node.path.join("/")} ${node.operator} ${literal}`);
    case "in": {
      const literals = node.literals.map(printLiteral);
      return literals.includes(undefined) ? undefined : `${node.path.join("/")} in (${literals.join(",")})`;
    }
    case "function":
      return printed(printLiteral(node.literal), (literal) => `${node.name}(${node.path.join("/")},${literal})`);
    case "lambda": {
      const head = `${node.path.join("/")}/${node.quantifier}`;
      if (node.body === undefined) return `${head}()`;
      return printed(printFilter(node.body), (body) => `${head}(${node.variable}:${body})`);
    }
  }
}

const printed = (part: string | undefined, write: (part: string) => string) =>
  part === undefined ? undefined : write(part);

const depthOf = (node: FilterNode): number =>
  "parts" in node
    ? 1 + Math.max(...node.parts.map(depthOf))
    : "part" in node
      ? 1 + depthOf(node.part)
      : node.kind === "lambda" && node.body
        ? 1 + depthOf(node.body)
        : 1;

export const odataFilter: Subject = {
  name: "odata-filter",
  files: [
    "packages/server/src/graph/filter-lexer.ts",
    "packages/server/src/graph/filter.ts",
    "packages/server/src/graph/filter-predicate.ts",
  ],
  maxChars: maxFilterLength + 10,
  words: [
    "'",
    "''",
    "(",
    ")",
    ",",
    "/",
    ":",
    " and ",
    " or ",
    " not ",
    " eq ",
    " in ",
    "any(",
    "$count",
    "null",
    "true",
    "1e99",
    ...properties,
  ],
  pumps: [
    ["", "(", ""],
    ["", "not ", "x eq 1"],
    ["x eq '", "''", "'"],
    ["x in (", "1,", "1)"],
    ["x", "/x", " eq 1"],
    ["", " ", "x eq 1"],
    ["x eq 1", " and x eq 1", ""],
    ["x/any(", "x:x/any(", ""],
  ],
  generate: (draw) => drawFilter(draw),
  read: (input) => {
    const node = parseFilter(input);
    const text = printFilter(node);
    // Brackets count as nesting: what is printed with more of them may be too deep or too long.
    const canBeRead = text !== undefined && text.length <= maxFilterLength && depthOf(node) < 8;
    if (canBeRead) mustEqual(parseFilter(text), node, "a filter printed and read again");
    const test = compileFilter(userType, node, input.length % 8 !== 0);
    return accepted(`${node.kind} ${test(row, at)}`, canBeRead);
  },
  isRefusal: refusalsOf(GraphRefusal),
};

function drawSearch(draw: Draw, depth = 0): string {
  if (depth > 4 || draw.chance(0.5)) {
    const text = draw.text().replace(/["\\]/g, (mark) => (draw.chance(0.8) ? `\\${mark}` : mark));
    return `"${draw.pick(["displayName", "mail", "description", "id", "unknown", ""])}:${text}"`;
  }
  return draw.one(
    () => `${drawSearch(draw, depth + 1)} ${draw.pick(["AND", "OR", "and", ""])} ${drawSearch(draw, depth + 1)}`,
    () => `(${drawSearch(draw, depth + 1)})`,
  );
}

function printSearch(node: SearchNode): string {
  if (node.kind !== "clause")
    return node.parts.map((part) => `(${printSearch(part)})`).join(node.kind === "and" ? " AND " : " OR ");
  return `"${`${node.property}:${node.text}`.replace(/["\\]/g, "\\$&")}"`;
}

const searchDepth = (node: SearchNode): number =>
  node.kind === "clause" ? 0 : 1 + Math.max(...node.parts.map(searchDepth));

export const odataSearch: Subject = {
  name: "odata-search",
  files: ["packages/server/src/graph/search.ts"],
  maxChars: maxSearchLength + 10,
  words: ['"', "\\", '\\"', "\\\\", " AND ", " OR ", "(", ")", ":", '"displayName:a"', '"mail:'],
  pumps: [
    ["", "(", ""],
    ["", '"a:b" ', ""],
    ['"a:', "\\\\", '"'],
    ["", " ", ""],
    ['"displayName:', "aB1", '"'],
    ['"displayName:', "-", '"'],
  ],
  generate: (draw) => drawSearch(draw),
  read: (input) => {
    const node = parseSearch(input);
    const text = printSearch(node);
    const canBeRead = text.length <= maxSearchLength && searchDepth(node) < 8;
    // A name that ends in blanks is read without them.
    if (canBeRead) mustEqual(parseSearch(text), node, "a search printed and read again");
    return accepted(`${node.kind} ${compileSearch(userType, node)(row, at)}`, canBeRead);
  },
  isRefusal: refusalsOf(GraphRefusal),
};

export const odataQuery: Subject = {
  name: "odata-query",
  files: ["packages/server/src/graph/query.ts", "packages/server/src/graph/expand-option.ts"],
  maxChars: maxQueryLength + 10,
  words: [
    "$orderby=",
    "$expand=",
    "$select=",
    "$top=",
    "$count=",
    "&",
    "=",
    "%20",
    "+",
    "%",
    "%ff",
    "%2",
    "(",
    ")",
    ",",
    "$select",
    "owners",
    "desc",
    ";",
  ],
  pumps: [
    ["$expand=", "+", ""],
    ["$expand=a", "+", "!"],
    ["$expand=a(", "+", ")"],
    ["$expand=a($select=a", "+,+a", "!)"],
    ["$orderby=", "+", ""],
    ["$orderby=a", "+", "!"],
    ["", "&", ""],
    ["", "a=b&", ""],
    ["$select=", "a,", ""],
  ],
  generate: (draw) => {
    const name = () => draw.pick(["displayName", "id", "owners", "members", "a/b", "*", ""]);
    const option = draw.one(
      () =>
        `$orderby=${name()}${draw.maybe(() => `${draw.pick(["+", "%20", "%09"])}${draw.pick(["asc", "desc", "up"])}`)}`,
      () =>
        `$expand=${draw.many(() => name() + draw.maybe(() => `($select=${draw.many(name, 1).join(",")})`), 1).join(draw.pick([",", ", ", ""]))}`,
      () => `$select=${draw.many(name, 1).join(",")}`,
      () => `$top=${draw.pick(["1", "999", "1000", "0", "-1", "1e2"])}`,
      () => `${draw.pick(["$count", "count", "$COUNT"])}=${draw.pick(["true", "false", "1"])}`,
      () => `$filter=${encodeURIComponent(drawFilter(draw).toWellFormed())}`,
      () => `${encodeURIComponent(draw.text().toWellFormed())}=${draw.word()}`,
    );
    return [option, ...draw.many(() => draw.pick(["$format=json", "$skip=1", "$apply=x", "x=y", "$skiptoken=a"]))].join(
      "&",
    );
  },
  read: (input) => {
    const { orderBy, expand, select, top } = parseQuery(input);
    return accepted(`${orderBy?.isDescending} ${expand?.length} ${select?.length} ${top === undefined}`);
  },
  isRefusal: refusalsOf(GraphRefusal),
};

export const armFilter: Subject = {
  name: "arm-filter",
  files: ["packages/server/src/arm/filter.ts"],
  maxChars: 2048,
  words: ["'", "''", "()", "(", ")", " eq ", " and ", "atScope()", "assignedTo('", "principalId", "tagName", "/"],
  pumps: [
    ["", " ", ""],
    ["a eq '", "''", "'"],
    ["a", "/a", " eq 1"],
    ["a(", " ", ")"],
    ["a eq 1 and", " ", "!"],
    ["a eq ", "1", "'"],
  ],
  generate: (draw) =>
    draw
      .many(
        () =>
          draw.one(
            () => `${draw.pick(["atScope", "assignedTo", "asTarget"])}(${draw.maybe(() => quoted(draw, draw.guid()))})`,
            () =>
              `${draw.pick(["principalId", "roleName", "type", "a/b"])} eq ${draw.one(
                () => quoted(draw, draw.text()),
                () => draw.word(),
              )}`,
          ),
        1,
      )
      .join(draw.pick([" and ", " AND ", "and", " or ", "  and\t"])),
  read: (input) => {
    const terms = parseArmFilter(input);
    const text = terms
      .map((term) =>
        term.kind === "call"
          ? `${term.name}(${term.argument === undefined ? "" : `'${term.argument.replaceAll("'", "''")}'`})`
          : `${term.name} eq '${term.value.replaceAll("'", "''")}'`,
      )
      .join(" and ");
    mustEqual(parseArmFilter(text), terms, "a filter printed and read again");
    return accepted(`${terms.map(({ kind }) => kind).join()}`, true);
  },
  isRefusal: refusalsOf(ArmRefusal),
};
