/** What every page of ours must keep to in a real browser: accessible by axe-core's rules, no sideways scrolling, a focus that shows. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type AxeNode = { readonly target: readonly string[]; readonly failureSummary?: string };
type AxeViolation = { readonly id: string; readonly impact: string | null; readonly nodes: readonly AxeNode[] };

/**
 * Runs axe-core on the page as it stands.
 * @param rules only these; all of them when none is named.
 * @returns one line for each thing that breaks a rule seriously or critically; empty when all is well.
 */
export async function findAccessibilityFaults(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  // By the debugger's way in: the page's own policy allows no script, and must not.
  await page.evaluate(axeSource);
  const options = rules.length === 0 ? "" : JSON.stringify({ runOnly: rules });
  const violations = (await page.evaluate(
    `axe.run(${options}).then((results) => results.violations)`,
  )) as AxeViolation[];
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`.replaceAll("\n", " ")),
    );
}

/** How far the page can be scrolled sideways, in pixels; 0 when it fits. */
export async function measureSidewaysScroll(page: Page): Promise<number> {
  const extent = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)";
  return (await page.evaluate(`Math.max(0, ${extent} - document.documentElement.clientWidth)`)) as number;
}

/** The element that has the focus. */
export type Focused = {
  readonly tag: string;
  /** Its id, or "". */
  readonly id: string;
  /** Its text, or its value. */
  readonly text: string;
  /** Whether something is drawn around it that would not be there without the focus. */
  readonly isVisible: boolean;
};

const describeFocus = `(() => {
  const it = document.activeElement ?? document.body;
  const look = getComputedStyle(it);
  const isOutlined = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1;
  const text = (it.innerText || it.value || "").trim();
  return { tag: it.tagName.toLowerCase(), id: it.id, text, isVisible: isOutlined || look.boxShadow !== "none" };
})()`;

export async function readFocus(page: Page): Promise<Focused> {
  return (await page.evaluate(describeFocus)) as Focused;
}

/** Presses Tab from where the focus is. @returns what had the focus after each press. */
export async function walkByTab(page: Page, presses: number): Promise<readonly Focused[]> {
  const stops: Focused[] = [];
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press("Tab");
    stops.push(await readFocus(page));
  }
  return stops;
}
