import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "../http/service-client.ts";
import { applicationMark, readProperties } from "./application-properties.ts";
import { writeArmTemplate } from "./arm-template.ts";
import { writeAzScript } from "./az-script.ts";
import { writeBicep } from "./bicep.ts";
import type { Inventory } from "./inventory.ts";
import { writeTerraform } from "./terraform.ts";

function inventoryWith(displayName: string, properties: Json): Inventory {
  const application = { displayName, properties, hasPrincipal: false, federated: [] };
  return {
    groups: [],
    accounts: [],
    identities: [],
    applications: [application],
    directoryGroups: [],
    roles: [],
    assignments: [],
  };
}

/** What the shell gives az as the body of the last request of a script, with `NEW` for the registration's ID. */
function bodyOf(script: string): Json {
  const word = / --body (.*) --output none\n$/s.exec(script)![1]!;
  const program = `subscription=SUB; app_1=NEW
${/^fill\(\).*$/m.exec(script)![0]}
printf %s ${word}`;
  return JSON.parse(execFileSync("/bin/sh", ["-c", program], { encoding: "utf8" })) as Json;
}

describe("a registration, exported", () => {
  it("says what it has and a new one has not, and not where its roles come from", () => {
    const properties = readProperties({
      id: "x",
      signInAudience: "AzureADMyOrg",
      isFallbackPublicClient: null,
      identifierUris: [],
      web: { logoutUrl: "https://a.example/out", redirectUris: [], implicitGrantSettings: {} },
      spa: { redirectUris: ["https://a.example"] },
      appRoles: [{ id: "r", isEnabled: false, origin: "Application" }],
      passwordCredentials: [{ keyId: "k" }],
    });
    assert.deepEqual(properties, {
      signInAudience: "AzureADMyOrg",
      web: { logoutUrl: "https://a.example/out" },
      spa: { redirectUris: ["https://a.example"] },
      appRoles: [{ id: "r", isEnabled: false }],
    });
  });

  it("comes out of the shell as it went in, whatever its texts are, with its new ID", () => {
    const texts = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0") && !text.includes("@"));
    const property = fc.property(texts, texts, (name, notes) => {
      const script = writeAzScript(inventoryWith(name, { notes, identifierUris: [`api://${applicationMark(name)}`] }));
      assert.deepEqual(bodyOf(script), { notes, identifierUris: ["api://NEW"] });
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("has blocks of their own in Terraform for what names its ID, and a comment for what has no such block", () => {
    const id = applicationMark("one");
    const { resource } = writeTerraform(
      inventoryWith("one", {
        identifierUris: [`api://${id}`],
        web: { logoutUrl: `https://a.example/${id}`, homePageUrl: "https://a.example" },
      }),
    ) as { resource: Record<string, Json> };
    assert.deepEqual(resource.azuread_application!.one, {
      display_name: "one",
      web: [{ homepage_url: "https://a.example" }],
      lifecycle: [{ ignore_changes: ["identifier_uris"] }],
      "//": "Left out, for it names a registration's ID: web.logoutUrl",
    });
    assert.deepEqual(Object.values(resource.azuread_application_identifier_uri!), [
      {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own template
        application_id: "${azuread_application.one.id}",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own template
        identifier_uri: "api://${azuread_application.one.client_id}",
      },
    ]);
  });

  it("is named by templates, which cannot carry it", () => {
    const template = writeArmTemplate(inventoryWith("it's one", {}));
    const said =
      "Not in this template, to be made by other means: app registrations (with all their settings) it's one.";
    assert.deepEqual(template.metadata, { description: said });
    assert.ok(writeBicep(template).includes(`metadata description = '${said.replace("'", "\\'")}'`));
  });
});
