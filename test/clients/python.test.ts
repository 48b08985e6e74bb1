/** Debian 12's Azure SDK for Python, and the example's unit file. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { python311 } from "./installed.ts";
import { exampleDir, testPython } from "./python-suite.ts";
import { parseUnit } from "./systemd-unit.ts";

describe("the three variables", () => {
  it("are all that the unit's EnvironmentFile holds", async () => {
    const unit = parseUnit(await readFile(join(exampleDir, "app.service"), "utf8"));
    assert.deepEqual(unit.environmentFiles, ["/path/to/python-app/py-env/app-environment-variables"]);
    assert.deepEqual(unit.command.slice(1), ["--config", "config.py", "wsgi:app"]);
    assert.deepEqual(Object.keys(unit.environment), ["STORAGE_ACCOUNT"]);
  });
});

testPython(python311);
