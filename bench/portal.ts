/**
 * The portal in a real browser: what its first load takes on the wire, how long until it can be used, and how a list of ten thousand scrolls.
 * Server, browser and the program that drives it share the machine. Writes its part of docs/benchmarks.md and a plot.
 */
import { loadavg } from "node:os";
import type { Page } from "playwright-core";
import { startBrowser } from "../test/browser/support/chromium.ts";
import { enterPortal, portalSkip } from "../test/browser/support/portal-person.ts";
import { startTestCloud, type TestCloud } from "../test/support/cloud-in-process.ts";
import { describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";

/** Loads of each page; fewer make a quicker, rougher run. */
const rounds = Number(process.env.POSTERN_BENCH_ROUNDS ?? 11);
const registrations = 10_000;
/** Turns of the wheel, and how far each goes, in pixels: a quick scroll through about a third of the list. */
const wheel = { turns: 200, pixels: 750 };

const pages = [
  { name: "home", place: "/portal", ready: "App registrations" },
  { name: "app registrations", place: "/portal/app-registrations", ready: "New registration" },
] as const;

type Load = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly firstPaintMs: number;
  readonly readyMs: number;
};

/** Loads a page with an empty cache in a tab that is signed in, until its first command can be used. */
async function measureLoad(page: Page, origin: string, { name, place, ready }: (typeof pages)[number]): Promise<Load> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  let sizeBytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    sizeBytes += encodedDataLength;
  });
  const loads: { paint: number; ready: number; size: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    sizeBytes = 0;
    await page.goto(`${origin}${place}`, { waitUntil: "commit" });
    const command = page.getByRole("main").getByText(ready, { exact: true }).first();
    await command.waitFor();
    // The page's own clock: without the way from the browser to this program.
    const now = (await page.evaluate("performance.now()")) as number;
    const paint = (await page.evaluate("performance.getEntriesByName('first-paint')[0].startTime")) as number;
    await page.waitForLoadState("networkidle");
    loads.push({ paint, ready: now, size: sizeBytes });
  }
  await session.detach();
  const of = (read: (load: (typeof loads)[number]) => number) => median(loads.map(read));
  return {
    name,
    sizeBytes: of(({ size }) => size),
    firstPaintMs: of(({ paint }) => paint),
    readyMs: of((l) => l.ready),
  };
}

async function fill(cloud: TestCloud): Promise<void> {
  let made = 0;
  const makeSome = async () => {
    while (made < registrations)
      await cloud.client.must("graph", "POST", "/v1.0/applications", { displayName: `app-${made++}` });
  };
  await Promise.all(Array.from({ length: 32 }, makeSome));
}

/** @returns the time of each frame while the wheel turns, in milliseconds. */
async function measureScroll(page: Page, origin: string): Promise<number[]> {
  await page.goto(`${origin}/portal/app-registrations`);
  const list = page.getByRole("table");
  await list.waitFor();
  await list.hover();
  await page.evaluate(
    "globalThis.frames = []; let last = performance.now(); (function step() { const now = performance.now(); frames.push(now - last); last = now; requestAnimationFrame(step); })()",
  );
  for (let turn = 0; turn < wheel.turns; turn++) await page.mouse.wheel(0, wheel.pixels);
  return (await page.evaluate("frames")) as number[];
}

if (portalSkip !== false) throw new Error(portalSkip);
const cloud = await startTestCloud();
const browser = await startBrowser(cloud.status);
const load = loadavg()[0]!;
const { page } = await browser.open();
await enterPortal(page, cloud);
const { baseUrl } = cloud.status;
const loads: Load[] = [];
for (const one of pages) loads.push(await measureLoad(page, baseUrl, one));
await fill(cloud);
const frames = await measureScroll(page, baseUrl);
await browser.close();
await cloud.dispose();

const framesPerSecond = 1000 / (frames.reduce((sum, ms) => sum + ms, 0) / frames.length);
const slow = frames.filter((ms) => ms > 50).length;
const rows = loads.map(
  ({ name, sizeBytes, firstPaintMs, readyMs }) =>
    `| ${name} | ${(sizeBytes / 1000).toFixed(0)} | ${firstPaintMs.toFixed(0)} | ${readyMs.toFixed(0)} |`,
);
writeSection({
  id: "portal",
  title: "Portal",
  text: `Chromium without a window, server and browser on the same machine; each page loaded with an empty cache in a tab that is signed in, medians of ${rounds} rounds; load average at the start ${load.toFixed(1)}. Aims: under 200 kB, under 1000 ms.

Machine: ${describeMachine()}. Command: \`npm run bench -- portal\`.

| page | on the wire, kB | first paint, ms | first command can be used, ms |
|---|---:|---:|---:|
${rows.join("\n")}

A list of ${registrations.toLocaleString("en")} registrations under the wheel: ${framesPerSecond.toFixed(0)} frames a second over ${frames.length} frames; ${slow} of them took longer than 50 ms, the slowest ${Math.max(...frames).toFixed(0)} ms.`,
  charts: [
    {
      title: "until the first command can be used, ms",
      bars: loads.map(({ name, readyMs }) => ({ name: `Postern portal, ${name}`, value: readyMs })),
    },
  ],
});
