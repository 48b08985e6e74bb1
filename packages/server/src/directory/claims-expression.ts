/**
 * Claims matching expressions: how a federated credential says which subjects it takes when one fixed subject will not do. Pure.
 *
 *   claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main' and claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/a.yml@refs/heads/main'
 *
 * `eq` compares byte by byte; `matches` knows `*` (any run of characters, none too) and `?` (exactly one), against the whole claim and with case.
 * A quote within a comparand is written twice. Nothing else has a meaning: a dot is a dot, and there is no `or`.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
 */

export type ClaimsExpression = { readonly value: string; readonly languageVersion: number };

type Comparison = { readonly claim: string; readonly operator: "eq" | "matches"; readonly comparand: string };

/** The only version there is. */
const languageVersion = 1;
/** Comparisons of one expression; our choice, above the number of claims an issuer's tokens can be asked for. */
const maxComparisons = 8;

/** Which issuers' tokens can be matched so, and by which of their claims; for others Entra refuses an expression. Same page. */
const claimsByIssuer: ReadonlyMap<string, readonly string[]> = new Map([
  ["https://token.actions.githubusercontent.com", ["sub", "job_workflow_ref"]],
  ["https://gitlab.com", ["sub"]],
  ["https://app.terraform.io", ["sub"]],
]);

const comparisonPattern = /claims\['([A-Za-z_][\w:./-]{0,63})'\] (eq|matches) '((?:[^']|'')*)'/y;
const conjunction = " and ";

/** Whether an expression is well formed and asks only for claims that tokens of this issuer can be asked for. */
export function isClaimsExpression(expression: ClaimsExpression, issuer: string): boolean {
  const comparisons = parse(expression);
  const claims = claimsByIssuer.get(issuer);
  if (comparisons === undefined || claims === undefined) return false;
  // A comparand of wildcards alone would trust whoever the issuer knows.
  return comparisons.every(({ claim, comparand }) => claims.includes(claim) && /[^*?]/.test(comparand));
}

/** Whether a token's claims fulfil the expression; a claim that is not a string fulfils nothing. */
export function matchesClaims(expression: ClaimsExpression, claims: Readonly<Record<string, unknown>>): boolean {
  const comparisons = parse(expression);
  return comparisons?.every((comparison) => fulfils(comparison, claims)) ?? false;
}

function fulfils({ claim, operator, comparand }: Comparison, claims: Readonly<Record<string, unknown>>): boolean {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (typeof value !== "string") return false;
  return operator === "eq" ? value === comparand : matchesWildcards(comparand, value);
}

/** @returns undefined for text that is not an expression of the language's one version. */
function parse(expression: ClaimsExpression): readonly Comparison[] | undefined {
  if (expression.languageVersion !== languageVersion) return undefined;
  const { value } = expression;
  const comparisons: Comparison[] = [];
  for (let position = 0; ; position += conjunction.length) {
    comparisonPattern.lastIndex = position;
    const [whole, claim, operator, comparand] = comparisonPattern.exec(value) ?? [];
    if (whole === undefined || comparisons.length === maxComparisons) return undefined;
    comparisons.push({
      claim: claim!,
      operator: operator as Comparison["operator"],
      comparand: comparand!.replaceAll("''", "'"),
    });
    position += whole.length;
    if (position === value.length) return comparisons;
    if (!value.startsWith(conjunction, position)) return undefined;
  }
}

/** Takes time proportional to both lengths multiplied at worst; a later star never needs an earlier one tried again. */
function matchesWildcards(pattern: string, text: string): boolean {
  let [inPattern, inText, star, resumeAt] = [0, 0, -1, 0];
  while (inText < text.length) {
    const sign = pattern[inPattern];
    if (sign === "*") {
      star = inPattern++;
      resumeAt = inText;
    } else if (sign === "?" || (sign !== undefined && sign === text[inText])) {
      inPattern++;
      inText++;
    } else if (star >= 0) {
      inPattern = star + 1;
      inText = ++resumeAt;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
