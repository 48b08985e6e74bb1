/**
 * The guide of the portal, made by the test that goes through it: each step's words and its picture. With POSTERN_UPDATE_GUIDE=1 the pictures and
 * docs/portal.md are written anew; else the page must say what the test did. Pictures hold ids and dates, and are not compared.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";

const docs = join(import.meta.dirname, "..", "..", "..", "docs");
const pictures = join(docs, "images", "portal");
const isUpdating = process.env.POSTERN_UPDATE_GUIDE === "1";

/** All pictures together, in bytes: they are cloned with the repository. */
const maxPicturesBytes = 2_000_000;

type Step = { readonly title: string; readonly text: string; readonly file: string };

export class PortalGuide {
  readonly #page: Page;
  readonly #parts: (string | Step)[] = [];
  #count = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Begins a part of the guide. */
  chapter(title: string, text: string): void {
    this.#parts.push(`## ${title}\n\n${text}\n`);
  }

  /** Notes a step, with a picture of the page as it is. @param marks what the step is about: framed in the picture. */
  async step(title: string, text: string, ...marks: readonly Locator[]): Promise<void> {
    this.#count++;
    const file = `step-${String(this.#count).padStart(2, "0")}.png`;
    this.#parts.push({ title, text, file });
    if (!isUpdating) return;
    mkdirSync(pictures, { recursive: true });
    await this.#page.evaluate("document.querySelectorAll('.notice button').forEach((button) => button.click())");
    for (const mark of marks) await frame(mark, "3px solid #d13438");
    await this.#page.screenshot({ path: join(pictures, file), animations: "disabled" });
    for (const mark of marks) await frame(mark, "");
  }

  /** Writes the guide, or compares it. */
  finish(intro: string): void {
    const parts = this.#parts.map((part) => (typeof part === "string" ? part : renderStep(part)));
    const page = `${intro}\n\n${parts.join("\n")}`;
    const file = join(docs, "portal.md");
    if (isUpdating) writeFileSync(file, page);
    assert.equal(readFileSync(file, "utf8"), page, "docs/portal.md is not what the test does: POSTERN_UPDATE_GUIDE=1");
    const steps = this.#parts.filter((part): part is Step => typeof part !== "string");
    for (const step of steps) assert.ok(existsSync(join(pictures, step.file)), step.file);
    const sizeBytes = steps.reduce((sum, step) => sum + statSync(join(pictures, step.file)).size, 0);
    assert.ok(sizeBytes < maxPicturesBytes, `the pictures have ${sizeBytes} bytes`);
  }
}

function renderStep({ title, text, file }: Step): string {
  return `### ${title}\n\n${text}\n\n![${title}](images/portal/${file})\n`;
}

function frame(mark: Locator, outline: string): Promise<void> {
  return mark.evaluate((element, style) => {
    (element as unknown as { style: { outline: string } }).style.outline = style;
  }, outline);
}
