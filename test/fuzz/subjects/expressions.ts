/** Expressions over tags and claims, and JMESPath on the command line. */
import { CliFault } from "../../../packages/cli/src/faults.ts";
import { compileQuery } from "../../../packages/cli/src/output/query.ts";
import {
  maxExpressionLength,
  meetsTags,
  parseTagCondition,
  parseTagSearch,
  type TagExpression,
  TagSyntaxError,
} from "../../../packages/server/src/blob/engine/tag-expression.ts";
import { isClaimsExpression, matchesClaims } from "../../../packages/server/src/directory/claims-expression.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, refused, type Subject } from "../subject.ts";

import { quoted } from "./queries.ts";

function drawTagExpression(draw: Draw, depth = 0): string {
  if (depth > 3 || draw.chance(0.5)) {
    const name = draw.one(
      () => draw.word(),
      () => `"${draw.text()}"`,
      () => "@container",
    );
    return `${name}${draw.pick(["=", " = ", ">", ">=", "<", "<=", "<>", "=="])}${quoted(
      draw,
      draw.one(
        () => draw.text(),
        () => draw.digits(),
      ),
    )}`;
  }
  return draw.one(
    () =>
      `${drawTagExpression(draw, depth + 1)} ${draw.pick(["AND", "OR", "and"])} ${drawTagExpression(draw, depth + 1)}`,
    () => `(${drawTagExpression(draw, depth + 1)})`,
  );
}

function printTags(expression: TagExpression): string {
  if (expression.kind !== "compare")
    return expression.terms.map((term) => `(${printTags(term)})`).join(expression.kind === "and" ? " AND " : " OR ");
  const { key, operator, value } = expression.comparison;
  return `"${key}"${operator}'${value.replaceAll("'", "''")}'`;
}

const tagDepth = (one: TagExpression): number =>
  one.kind === "compare" ? 0 : 1 + Math.max(...one.terms.map(tagDepth));

export const tagExpression: Subject = {
  name: "tag-expression",
  files: ["packages/server/src/blob/engine/tag-expression.ts"],
  maxChars: maxExpressionLength + 10,
  words: ['"', "'", "''", "(", ")", " AND ", " OR ", "=", "<>", ">=", "@container", "@", "a='b'"],
  pumps: [
    ["", "(", ""],
    ["a='", "''", "'"],
    ['"', "a", ""],
    ["", " ", ""],
    ["a='b'", " AND a='b'", ""],
    ["", "@a", ""],
  ],
  generate: (draw) => drawTagExpression(draw),
  read: (input) => {
    let shape = "";
    try {
      const { comparisons, container } = parseTagSearch(input);
      shape = `search of ${comparisons.length} ${container === null}`;
    } catch (cause) {
      if (!(cause instanceof TagSyntaxError)) throw cause;
    }
    const expression = parseTagCondition(input);
    const text = printTags(expression);
    const canBeRead = text.length <= maxExpressionLength && tagDepth(expression) < 16;
    if (canBeRead) mustEqual(parseTagCondition(text), expression, "an expression printed and read again");
    return accepted(`${expression.kind} ${meetsTags(expression, [["a", "b"]])} ${shape}`, canBeRead);
  },
  isRefusal: (cause) => (cause instanceof TagSyntaxError ? cause.message.slice(0, 60).replace(/\d+/g, "n") : undefined),
};

export const claimsExpression: Subject = {
  name: "claims-expression",
  files: ["packages/server/src/directory/claims-expression.ts"],
  maxChars: 1_048_576 / 8,
  words: ["claims['", "']", " eq ", " matches ", "'", "''", " and ", "*", "?", "sub", "job_workflow_ref"],
  pumps: [
    ["claims['sub'] matches '", "*a", "'"],
    ["claims['sub'] matches '", "''", "'"],
    ["claims['sub'] eq '", "?", ""],
    ["claims['", "a", "'] eq 'x'"],
  ],
  generate: (draw) =>
    draw
      .many(
        () =>
          `claims['${draw.pick(["sub", "sub", "job_workflow_ref", "aud", "x y"])}'] ${draw.pick(["eq", "matches", "matches", "like"])} ${quoted(
            draw,
            draw.one(
              () => "repo:contoso/*:ref:refs/heads/main",
              () => draw.text(),
              () => draw.many(() => draw.pick(["*", "?", "a"])).join(""),
            ),
          )}`,
        1,
      )
      .join(draw.pick([" and ", " and ", " or ", "  and "])),
  read: (input) => {
    const expression = { value: input, languageVersion: 1 };
    const isRight = isClaimsExpression(expression, "https://token.actions.githubusercontent.com");
    const isMet = matchesClaims(expression, {
      sub: "repo:contoso/notes:ref:refs/heads/main",
      job_workflow_ref: "aaaa",
    });
    return isRight ? accepted(`met ${isMet}`) : refused(`met ${isMet}`);
  },
  isRefusal: () => undefined,
};

function drawJmespath(draw: Draw, depth = 0): string {
  const inner = () => drawJmespath(draw, depth + 1);
  if (depth > 4 || draw.chance(0.3))
    return draw.one(
      () => draw.pick(["value", "name", "id", "@", "*", "[]", "[*]", "[0]", "[-1]", "[1:2]", "[::-1]"]),
      () => JSON.stringify(draw.text()),
      () => `'${draw.word()}'`,
      () => `\`${draw.pick(["1", '"a"', "rg1", "[1,2]", "{"])}\``,
    );
  return draw.one(
    () => `${inner()}.${inner()}`,
    () => `${inner()} | ${inner()}`,
    () => `${inner()}[?${inner()} ${draw.pick(["==", "!=", "<", ">=", "&&", "||", "+", "/"])} ${inner()}]`,
    () => `{${draw.many(() => `${draw.pick(["a", "b", '"c d"'])}: ${inner()}`, 1).join(", ")}}`,
    () => `[${draw.many(inner, 1).join(", ")}]`,
    () =>
      `${draw.pick(["length", "sort_by", "contains", "join", "keys", "max_by", "to_string", "not_null", "pad_left", "replace", "nothing"])}(${draw.many(() => draw.maybe(() => "&", 0.2) + inner(), 1).join(", ")})`,
    () => `!${inner()}`,
    () => `(${inner()})`,
    () => `let $a = ${inner()} in ${inner()}`,
  );
}

/** What lists look like; small, as a command's answer is. */
const answer = {
  value: [
    { id: "1", name: "b", tags: { a: "x" }, size: 3 },
    { id: "2", name: "a", tags: null, size: -1 },
  ],
  count: 2,
};

export const jmespath: Subject = {
  name: "jmespath",
  files: ["packages/cli/src/output/query.ts"],
  maxChars: 131_072 / 8,
  words: [
    ".",
    "[",
    "]",
    "[?",
    "|",
    "||",
    "&&",
    "!",
    "{",
    "}",
    "(",
    ")",
    "`",
    "'",
    '"',
    "@",
    "*",
    ":",
    ",",
    "&",
    "$a",
    "let ",
    " in ",
    "value",
    "length(",
    "pad_left(",
    "find_first(",
  ],
  pumps: [
    ["", "(", ""],
    ["", "[", ""],
    ["a", ".a", ""],
    ["", "!", "a"],
    ["a", "[]", ""],
    ["`", "[", "`"],
    ["a", "||a", ""],
    ["[", "a,", "a]"],
    ["", " ", ""],
    ["'", "a", ""],
  ],
  generate: (draw) => drawJmespath(draw),
  read: (input) => {
    const query = compileQuery(input);
    const found = query(answer);
    return accepted(found === null ? "null" : Array.isArray(found) ? "list" : typeof found);
  },
  isRefusal: (cause) =>
    cause instanceof CliFault ? cause.message.replace(/'[^']*'|`[^`]*`|"[^"]*"|\d+/g, "_").slice(-50) : undefined,
};
