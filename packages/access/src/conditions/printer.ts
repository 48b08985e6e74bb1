/**
 * From the tree back to text, in one canonical spelling: reading it again gives the same tree.
 */
import type { AttributeOperand, AttributeSource, Expression, Literal, Operand } from "./expression.ts";

const SOURCE_WORDS: Readonly<Record<AttributeSource, string>> = {
  resource: "@Resource",
  request: "@Request",
  principal: "@Principal",
  environment: "@Environment",
};

/** Prints an attribute as a condition names it. */
export function printAttribute({ source, name }: Pick<AttributeOperand, "source" | "name">): string {
  return `${SOURCE_WORDS[source]}[${name}]`;
}

/** Prints a literal: a text in quotes, all else bare. */
export function printLiteral({ type, value }: Literal): string {
  return type === "string" ? `'${value}'` : String(value);
}

function printOperand(operand: Operand): string {
  if (operand.kind === "attribute") return printAttribute(operand);
  if (operand.kind === "literal") return printLiteral(operand.literal);
  return `{${operand.literals.map(printLiteral).join(", ")}}`;
}

function printPart(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === "and" || expression.kind === "or" ? `(${text})` : text;
}

/**
 * Prints a condition or a part of one on one line.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format#condition-syntax
 */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.operands.map(printPart).join(expression.kind === "and" ? " AND " : " OR ");
    case "not": {
      const { kind } = expression.operand;
      const isWord = kind === "exists" || kind === "sub-operation-matches" || kind === "not";
      const text = printExpression(expression.operand);
      return isWord ? `NOT ${text}` : `!(${text})`;
    }
    case "action-matches":
      return `ActionMatches{'${expression.pattern}'}`;
    case "sub-operation-matches":
      return `SubOperationMatches{'${expression.pattern}'}`;
    case "exists":
      return `Exists ${printAttribute(expression.attribute)}`;
    case "comparison": {
      const { left, quantifier, operator, right } = expression;
      const word = quantifier === null ? operator : `${quantifier}:${operator}`;
      return `${printOperand(left)} ${word} ${printOperand(right)}`;
    }
  }
}
