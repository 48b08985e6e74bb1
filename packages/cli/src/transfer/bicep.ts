/**
 * An ARM template in Bicep's words: each resource as it is, expressions without their brackets. Pure. May use: nothing.
 *
 * Bicep compiles back to that template: what the template does when it is applied, this does.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
 */
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";

const INDENT = "  ";

export function writeBicep(template: Json): string {
  const parameters = Object.entries((template.parameters ?? {}) as Record<string, Json>);
  const resources = (template.resources ?? []) as Json[];
  const lines = ["targetScope = 'subscription'", ""];
  for (const [name, value] of Object.entries((template.metadata ?? {}) as Json))
    lines.push(`metadata ${name} = ${quote(String(value))}`, "");
  for (const [name, { metadata }] of parameters) {
    const description = (metadata as Json | undefined)?.description;
    if (description !== undefined) lines.push(`@description(${quote(String(description))})`);
    lines.push(`param ${name} string`, "");
  }
  const symbols = resources.map(symbolOf);
  const byId = new Map(resources.map((resource, index) => [idOf(resource), symbols[index]!]));
  for (const [index, resource] of resources.entries()) {
    const { type, apiVersion, dependsOn, resourceGroup: group, scope, ...rest } = resource;
    const after = (Array.isArray(dependsOn) ? dependsOn : []).flatMap((id) => byId.get(String(id)) ?? []);
    const body = {
      ...rest,
      ...(group === undefined ? {} : { scope: new Raw(`resourceGroup(${quote(String(group))})`) }),
      ...(scope === undefined ? {} : { scope }),
      ...(after.length === 0 ? {} : { dependsOn: after.map((symbol) => new Raw(symbol)) }),
    };
    lines.push(`resource ${symbols[index]} '${String(type)}@${String(apiVersion)}' = ${write(body, "")}`, "");
  }
  return lines.join("\n");
}

/** Bicep that is written as it stands. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function symbolOf({ type }: Json, index: number): string {
  const word = String(type).split("/").at(-1)!;
  return `${word}${index + 1}`;
}

/** A resource's ID as `dependsOn` writes it. */
function idOf({ type, name }: Json): string {
  const text = String(name);
  const argument = text.startsWith("[") ? text.slice(1, -1) : quoteArm(text);
  return `[subscriptionResourceId('${String(type)}', ${argument})]`;
}

function quoteArm(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("${", "\\${").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}'`;
}

/**
 * Expressions are written as such inside a nested template, too: Bicep writes them back in brackets wherever they stand, and there Resource Manager reads
 * them by the nested template's own parameters, which have the same names. A text in brackets would come back with two of them, a text for good.
 */
function write(value: unknown, indent: string): string {
  if (value instanceof Raw) return value.text;
  if (typeof value === "string") {
    return /^\[(?!\[)/.test(value) ? toBicep(value.slice(1, -1)) : quote(value.replace(/^\[\[/, "["));
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => `${indent}${INDENT}${write(item, indent + INDENT)}\n`);
    return `[\n${items.join("")}${indent}]`;
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => {
      const name = /^[A-Za-z_]\w*$/.test(key) ? key : quote(key);
      return `${indent}${INDENT}${name}: ${write(member, indent + INDENT)}\n`;
    });
    return members.length === 0 ? "{}" : `{\n${members.join("")}${indent}}`;
  }
  return String(value);
}

/** A template's function calls are Bicep's too; `parameters('x')` is `x`, and quotes are escaped by a backslash. */
function toBicep(expression: string): string {
  return expression.replace(/parameters\('(\w+)'\)|concat\(|'((?:[^']|'')*)'/g, (whole, parameter, text) => {
    if (parameter !== undefined) return parameter;
    if (text === undefined) return whole;
    return quote(text.replaceAll("''", "'"));
  });
}
