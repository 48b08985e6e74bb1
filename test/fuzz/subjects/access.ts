/** The texts of access: conditions, scopes and resource ids, and the expressions of ARM templates. */
import {
  type ConditionInput,
  describeCondition,
  evaluateCondition,
  isAtOrBelow,
  MAX_CONDITION_SIZE_BYTES,
  MAX_SCOPE_LENGTH,
  parents,
  parseCondition,
  parseScope,
  printExpression,
  reviewCondition,
  scopeKey,
} from "@postern/access";
import { Evaluation } from "../../../packages/server/src/arm/deployments/evaluation.ts";
import { parseExpression } from "../../../packages/server/src/arm/deployments/expression.ts";
import { ArmRefusal } from "../../../packages/server/src/arm/fault.ts";
import { compileTemplate, matchPath, splitPath } from "../../../packages/server/src/arm/path.ts";
import { ArmQuery } from "../../../packages/server/src/arm/query.ts";
import type { Draw } from "../draw.ts";
import { accepted, Mismatch, mustEqual, mustHold, refusalsOf, refused, type Subject } from "../subject.ts";

const attributes = [
  "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]",
  "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]",
  "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:a<$key_case_sensitive$>]",
  "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]",
  "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:a_b]",
  "@Environment[UtcNow]",
  "@Resource[x]",
];
const operators = [
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringEqualsIgnoreCase",
  "NumericEquals",
  "BoolEquals",
  "GuidEquals",
  "DateTimeGreaterThan",
  "ForAnyOfAnyValues:StringEquals",
  "ForAllOfAnyValues:GuidNotEquals",
  "Nothing",
];

function drawConditionLiteral(draw: Draw): string {
  return draw.one(
    () => `'${draw.text().replaceAll("'", draw.chance(0.9) ? "" : "'")}'`,
    () => draw.pick(["1", "-5", "true", "false", "99999999999999999999", "'2026-01-01T00:00:00Z'"]),
    () => draw.guid(),
    () => `'${draw.guid()}'`,
  );
}

function drawCondition(draw: Draw, depth = 0): string {
  const inner = () => drawCondition(draw, depth + 1);
  if (depth > 5 || draw.chance(0.45)) {
    const right = draw.one(
      () => drawConditionLiteral(draw),
      () => `{${draw.many(() => drawConditionLiteral(draw), 1).join(", ")}}`,
      () => draw.pick(attributes),
    );
    return draw.one(
      () => `${draw.pick(attributes)} ${draw.pick(operators)} ${right}`,
      () =>
        `ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${draw.pick(["read", "write", "*"])}'}`,
      () => `SubOperationMatches{'${draw.pick(["Blob.List", "Blob.Read.WithTagConditions", "x"])}'}`,
      () => `Exists ${draw.pick(attributes)}`,
    );
  }
  return draw.one(
    () => `(${inner()})`,
    () =>
      draw
        .many(inner, 2)
        .map((part) => `(${part})`)
        .join(draw.pick([" AND ", " && ", " and "])),
    () =>
      draw
        .many(inner, 2)
        .map((part) => `(${part})`)
        .join(draw.pick([" OR ", " || ", " or "])),
    () => `!(${inner()})`,
    () => `NOT ${inner()}`,
  );
}

const ask: ConditionInput = {
  operation: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
  subOperations: ["Blob.List"],
  attributes: {
    resource: { "Microsoft.Storage/storageAccounts/blobServices/containers:name": "a" },
    request: {},
    environment: { UtcNow: "2026-01-01T00:00:00Z" },
  },
};

export const conditions: Subject = {
  name: "conditions",
  files: [
    "packages/access/src/conditions/lexer.ts",
    "packages/access/src/conditions/parser.ts",
    "packages/access/src/conditions/program.ts",
  ],
  maxChars: MAX_CONDITION_SIZE_BYTES + 10,
  words: [
    "(",
    ")",
    "{",
    "}",
    "'",
    "@",
    "[",
    "]",
    ":",
    "!",
    "&&",
    "||",
    " AND ",
    " OR ",
    " NOT ",
    "Exists ",
    "ActionMatches{'",
    "SubOperationMatches{'",
    ...attributes,
    ...operators,
  ],
  pumps: [
    ["", "(", ""],
    ["", "!", ""],
    ["", "NOT ", ""],
    ["@Resource[x] StringEquals '", "a", "'"],
    ["@Resource[x] ForAnyOfAnyValues:StringEquals {", "'a',", "'a'}"],
    ["", " ", ""],
    ["@Resource[x] StringLike '", "*a", "'"],
    ["@Resource[", "a/", "]"],
    ["Exists @Resource[x]", " AND Exists @Resource[x]", ""],
  ],
  generate: (draw) => drawCondition(draw),
  read: (input) => {
    const result = parseCondition(input);
    if (!result.isValid) return refused(result.fault.kind);
    const { condition } = result;
    const outcome = evaluateCondition(condition, ask);
    describeCondition(condition);
    const concerns = reviewCondition(condition);
    const text = printExpression(condition.expression);
    const again = parseCondition(text);
    // Brackets are written where there were none: a text near the bounds of size and nesting may pass them.
    if (!again.isValid) {
      if (again.fault.kind === "nested-too-deep" || again.fault.kind === "too-large") return accepted("deep");
      throw new Mismatch(
        `${input.slice(0, 200)} was printed as ${text.slice(0, 200)}, which is refused: ${again.fault.kind}`,
      );
    }
    mustEqual(printExpression(again.condition.expression), text, "a condition printed twice");
    mustEqual(
      evaluateCondition(again.condition, ask).isTrue,
      outcome.isTrue,
      "what a condition says after it was printed",
    );
    return accepted(`${condition.expression.kind} ${outcome.isTrue} ${concerns.length > 0}`, true);
  },
  isRefusal: () => undefined,
};

const subscription = "00000000-0000-0000-0000-000000000001";

function drawScope(draw: Draw): string {
  const name = () =>
    draw.one(
      () => draw.pick(["rg1", "RG1", "a", "stor1", "$root", "é", "ſ"]),
      () => draw.word(),
      () => draw.text(6),
    );
  const provider = () =>
    `/providers/${draw.pick(["Microsoft.Storage", "microsoft.authorization", "x"])}${draw.many(() => `/${draw.pick(["storageAccounts", "blobServices", "containers", "roleAssignments"])}/${name()}`).join("")}`;
  const head = draw.one(
    () => "",
    () =>
      `/subscriptions/${draw.chance(0.9) ? subscription : draw.guid()}${draw.maybe(() => `/${draw.pick(["resourceGroups", "resourcegroups"])}/${name()}`, 0.8)}`,
    () => `/providers/Microsoft.Management/managementGroups/${name()}`,
  );
  return (
    head +
    draw.maybe(provider, 0.7) +
    draw.maybe(provider, 0.2) +
    draw.maybe(() => draw.pick(["/", "//", "/..", "/."]), 0.05)
  );
}

const group = parseScope(`/subscriptions/${subscription}/resourceGroups/rg1`);

export const armIds: Subject = {
  name: "arm-ids",
  files: ["packages/access/src/scope.ts"],
  maxChars: MAX_SCOPE_LENGTH + 10,
  words: [
    "/",
    "//",
    "..",
    ".",
    "%",
    "%2f",
    "?",
    "#",
    "\\",
    "/subscriptions/",
    "/resourceGroups/",
    "/providers/",
    "Microsoft.Management/managementGroups",
    "containers",
    subscription,
  ],
  pumps: [
    ["", "/", ""],
    ["", "/a", ""],
    [`/subscriptions/${subscription}`, "/providers/a/b/c", ""],
    ["/providers/", "a", ""],
  ],
  generate: drawScope,
  read: (input) => {
    const result = parseScope(input);
    if (!result.isValid) return refused(result.fault.kind);
    const { scope } = result;
    mustEqual(scopeKey(scope.key), scope.key, "a key read as a scope");
    const above = parents(scope);
    mustHold(above.length === scope.steps.length, "as many parents as steps");
    mustHold(isAtOrBelow(scope, scope), "a scope is at itself");
    const isBelow = group.isValid && isAtOrBelow(scope, group.scope);
    mustHold(
      !isBelow || (group.isValid && (scope.key === group.scope.key || above.includes(group.scope.key))),
      "below is what has it among its parents",
    );
    return accepted(`${scope.kind} ${isBelow}`, true);
  },
  isRefusal: () => undefined,
};

const templates = [
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}",
  "{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
  "/subscriptions/{subscriptionId}",
].map(compileTemplate);

export const armTargets: Subject = {
  name: "arm-targets",
  files: ["packages/server/src/arm/path.ts", "packages/server/src/arm/query.ts"],
  maxChars: 65_536,
  words: [
    "/",
    "%2f",
    "%5c",
    "%25",
    "%",
    "%ff",
    "..",
    "?",
    "&",
    "=",
    "api-version=",
    "$filter=",
    "$top=",
    "+",
    "__proto__",
  ],
  pumps: [
    ["", "/", ""],
    ["", "/a", ""],
    ["", "%2e", ""],
    ["?", "&", ""],
    ["?", "a=b&", ""],
  ],
  generate: (draw) =>
    `${encodeURI(drawScope(draw).toWellFormed())}?${draw
      .many(() =>
        draw.one(
          () => "api-version=2022-04-01",
          () => `$filter=${encodeURIComponent(draw.text().toWellFormed())}`,
          () => `$top=${draw.digits(12)}`,
          () => `${draw.word()}=${draw.word()}`,
        ),
      )
      .join("&")}`,
  read: (input) => {
    const mark = input.indexOf("?");
    const path = splitPath(mark < 0 ? input : input.slice(0, mark));
    for (const segment of path)
      mustHold(!/[/\\?#%]/.test(segment) && segment !== "..", `a segment that can be read in two ways: ${segment}`);
    const matches = templates.filter((template) => matchPath(template, path) !== undefined).length;
    const query = new ArmQuery(mark < 0 ? "" : input.slice(mark + 1));
    query.filter();
    const top = query.top();
    mustHold(top === undefined || (Number.isInteger(top) && top > 0 && top <= 1000), "a page's size within its bound");
    return accepted(`${matches} ${query.apiVersion().length}`);
  },
  isRefusal: refusalsOf(ArmRefusal),
};

function drawExpression(draw: Draw, depth = 0): string {
  const inner = () => drawExpression(draw, depth + 1);
  if (depth > 4 || draw.chance(0.3))
    return draw.one(
      () => `'${draw.text().replaceAll("'", draw.chance(0.9) ? "''" : "'")}'`,
      () =>
        draw.pick([
          "1",
          "-2",
          "1.5",
          "parameters('a')",
          "variables('b')",
          "resourceGroup().location",
          "subscription().id",
        ]),
    );
  const names = [
    "concat",
    "format",
    "uniqueString",
    "guid",
    "toLower",
    "substring",
    "split",
    "replace",
    "length",
    "contains",
    "if",
    "equals",
    "createArray",
    "json",
    "base64",
    "padLeft",
    "range",
    "resourceId",
    "reference",
    "nothing",
    "add",
    "take",
    "join",
    "union",
  ];
  return draw.one(
    () => `${draw.pick(names)}(${draw.many(inner).join(", ")})`,
    () => `${draw.pick(names)}(${inner()}).${draw.pick(["a", "id", "length"])}`,
    () => `createArray(${inner()})[${inner()}]`,
  );
}

export const templateExpressions: Subject = {
  name: "template-expressions",
  files: ["packages/server/src/arm/deployments/expression.ts", "packages/server/src/arm/deployments/evaluation.ts"],
  maxChars: 30_000,
  words: [
    "[",
    "]",
    "[[",
    "(",
    ")",
    ",",
    ".",
    "'",
    "''",
    "concat(",
    "format('{0}",
    "parameters('a')",
    "variables('b')",
    "__proto__",
    "range(0,",
    "padLeft(",
  ],
  pumps: [
    ["[", "a(", "]"],
    ["[a()", "[a()", "]"],
    ["['", "''", "']"],
    ["[", " ", "]"],
    ["[a()", ".a", "]"],
    ["[concat(", "'a',", "'a')]"],
  ],
  generate: (draw) => `[${drawExpression(draw)}]`,
  read: async (input) => {
    const expression = parseExpression(input);
    const evaluation = new Evaluation({
      place: { tenantId: subscription, subscriptionId: subscription, resourceGroup: "rg1", location: "westeurope" },
      deploymentName: "d",
      parameters: new Map([["a", "x"]]),
      variables: { b: "[variables('c')]", c: [1, 2, "y"], d: "[variables('d')]" },
      reference: async () => ({ id: "x" }),
    } as unknown as ConstructorParameters<typeof Evaluation>[0]);
    const value = await evaluation.value(input);
    return expression === undefined
      ? accepted("plain")
      : accepted(`${expression.kind} ${Array.isArray(value) ? "list" : typeof value}`);
  },
  isRefusal: (cause) =>
    cause instanceof ArmRefusal
      ? ((cause.fault as { why?: string }).why?.replace(/'[^']*'|\d+/g, "_").slice(0, 60) ?? cause.fault.kind)
      : undefined,
};
