/**
 * `npm run docs`: writes the pages that are made from the operation tables and the fault renderers. `--check` writes nothing and fails when a
 * page is not what it would write.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietOptions } from "../packages/server/src/cloud-fixture.ts";
import { startCloud } from "../packages/server/src/compose.ts";
import { createPlainLog } from "../packages/server/src/observe/log.ts";
import type { Surface } from "../packages/server/src/wire/operation.ts";
import { configurationPage } from "./docs/configuration-page.ts";
import { coveragePage } from "./docs/coverage-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { faultsPage, soakPlot } from "./docs/faults-page.ts";
import { indexPage } from "./docs/index-page.ts";

const docs = join(import.meta.dirname, "..", "docs");

/** The tables as a running cloud has them. */
async function readSurfaces(): Promise<readonly Surface[]> {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-docs-"));
  const cloud = await startCloud({
    ...quietOptions(stateDir),
    log: createPlainLog((line) => console.error(line)),
  });
  await cloud.stop();
  rmSync(stateDir, { recursive: true, force: true });
  return cloud.surfaces;
}

const pages: Readonly<Record<string, string>> = {
  "coverage.md": coveragePage(await readSurfaces()),
  "errors.md": errorsPage(),
  "faults.md": faultsPage(),
  "images/soak.svg": soakPlot(),
  "configuration.md": configurationPage(),
  "README.md": indexPage(docs),
};

const isCheck = process.argv.includes("--check");
for (const [name, text] of Object.entries(pages)) {
  const file = join(docs, name);
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`docs/${name} is not what the tables say; run: npm run docs`);
    process.exitCode = 1;
  }
}
