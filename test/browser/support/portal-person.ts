/** A person at the portal, in a real browser. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { TestCloud } from "../../support/cloud-in-process.ts";
import { chromiumSkip } from "./chromium.ts";
import { operatorOf, type Person } from "./people-cloud.ts";

const built = join(import.meta.dirname, "..", "..", "..", "packages", "portal", "dist", "files.json");

/** A `skip` for node:test: false when there are a browser and a built portal. */
export const portalSkip: false | string =
  chromiumSkip !== false ? chromiumSkip : existsSync(built) ? false : "the portal is not built; npm run build";

/** Opens a place in the portal and signs in there. @param place from `/portal` on. */
export async function enterPortal(page: Page, cloud: TestCloud, place = "/portal", person: Person = operatorOf(cloud)) {
  await page.goto(`${cloud.status.baseUrl}${place}`);
  await page.getByLabel("User name").fill(person.name);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForURL(`${cloud.status.baseUrl}${place}`);
}

/** Goes to a place in the portal as somebody who is signed in, and waits until all of it is there. @param place from `/portal` on. */
export async function openPlace(page: Page, cloud: TestCloud, place: string): Promise<void> {
  await page.goto(`${cloud.status.baseUrl}${place}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settle(page);
}

/** Waits until nothing on the page says that it is loading, and nothing changes its colour or place any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator(".loading").first().waitFor({ state: "detached" });
  await page.getByText("Loading more…").waitFor({ state: "detached" });
  const moving = "document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity)";
  await page.evaluate(`Promise.allSettled(${moving}.map((one) => one.finished)).then(() => undefined)`);
}
