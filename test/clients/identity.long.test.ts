/**
 * Managed identities by the real clients: az makes them; @azure/identity and Debian's azure-identity, unmodified, get their tokens from each
 * of the three endpoints that Azure's machines have, and read a blob with them. No secret is anywhere in the programs' environment.
 */
import assert from "node:assert/strict";
import { accessSync, constants, existsSync, mkdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { az245, nodes, python311, type Skip } from "./installed.ts";
import { assignRole, BLOB_READER, createPlace, createWalkthrough, groupScope, type Place } from "./seed.ts";

interface Identity {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly principalId: string;
}

/** What the programs print: what was read in each way, and what the default credential's token says. */
interface Printed {
  readonly answers: Readonly<Record<"default" | "managed" | "clientId" | "resourceId" | "another", string>>;
  readonly claims: Readonly<Record<string, unknown>> | null;
}

const forms = ["app-service", "imds", "arc"] as const;
type Form = (typeof forms)[number];

const programs = join(import.meta.dirname, "programs");
const clients = [
  { name: python311.name, skip: python311.skip, command: [python311.python, join(programs, "managed_identity.py")] },
  ...nodes.map(({ name, node, skip }) => ({ name, skip, command: [node, join(programs, "managed-identity.mjs")] })),
];
const isPython = (client: (typeof clients)[number]) => client === clients[0];

/** Where the Arc agent keeps its challenges: only root can make it, and most clients take no other. */
const agentFolder = "/var/opt/azcmagent/tokens";
/** What make-blob.mjs writes. */
const content = "here";

const canMakeAgentFolder = (() => {
  try {
    accessSync(existsSync(agentFolder) ? agentFolder : dirname(dirname(agentFolder)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
})();
const skipAgentFolder: Skip = canMakeAgentFolder ? false : `${agentFolder} cannot be written here`;

let cloud: Cloud;
let place: Place;
let worker: Identity;

const createIdentity = (name: string) =>
  cloud.posternJson<Identity>(
    "identity",
    "create",
    "--name",
    name,
    "--resource-group",
    place.group,
    "--output",
    "json",
  );

before(async () => {
  cloud = await startCloud();
  place = await createWalkthrough(cloud, "writer");
  const seed = [process.execPath, join(programs, "make-blob.mjs"), place.account, "notes", "hello.txt"];
  assertSucceeded(await cloud.run(seed, { as: "writer" }));
  worker = await createIdentity("worker");
  await assignRole(cloud, worker.clientId, BLOB_READER, place.scope);
});
after(() => cloud.stop());

async function read(client: (typeof clients)[number], form: Form, identity = worker): Promise<Printed> {
  const command = [...client.command, place.account, identity.clientId, identity.id];
  const outcome = await cloud.run(command, { identity: identity.name, identityForm: form });
  return JSON.parse(assertSucceeded(outcome).stdout) as Printed;
}

function assertToken({ claims }: Printed): void {
  assert.deepEqual(
    [claims?.appid, claims?.oid, claims?.appidacr, claims?.idtyp, claims?.xms_mirid],
    [worker.clientId, worker.principalId, "2", "app", worker.id],
  );
}

for (const client of clients) {
  describe(client.name, { skip: client.skip }, () => {
    for (const form of ["app-service", "imds"] as const) {
      it(`reads a blob as the identity, however it names it, and as no other (${form})`, async () => {
        const printed = await read(client, form);
        const { another, ...own } = printed.answers;
        for (const [way, answer] of Object.entries(own)) assert.equal(answer, content, `${way}: ${answer}`);
        assert.match(another, /^(CredentialUnavailable|ClientAuthentication)/);
        assertToken(printed);
      });
    }

    it("reads a blob by Azure Arc's challenge, where the agent's folder is", { skip: skipAgentFolder }, async () => {
      const made = existsSync(agentFolder) ? undefined : mkdirSync(agentFolder, { recursive: true, mode: 0o700 });
      try {
        const printed = await read(client, "arc");
        for (const way of ["default", "managed"] as const) assert.equal(printed.answers[way], content);
        // Debian's Python takes no other identity from Arc than the machine's own; MSAL for Node names it and has it confirmed.
        for (const way of ["clientId", "resourceId"] as const)
          if (isPython(client))
            assert.match(printed.answers[way], /User assigned managed identities are not supported/);
          else assert.equal(printed.answers[way], content);
        assertToken(printed);
      } finally {
        // Empty again: every challenge was spent or went with its session. Only what was made here is removed.
        if (made !== undefined) removeFolders(agentFolder, made);
      }
    });

    const isThere: Skip = existsSync(agentFolder) ? "the Arc agent's folder is there" : false;
    it("says so when the agent's folder is not there", { skip: isThere }, async () => {
      const command = [...client.command, place.account, worker.clientId, worker.id];
      const outcome = assertSucceeded(await cloud.run(command, { identity: "worker", identityForm: "arc" }));
      assert.match(outcome.stderr, /sudo install -d -m 700 -o "\$USER" \/var\/opt\/azcmagent\/tokens/);
      const { answers } = JSON.parse(outcome.stdout) as Printed;
      if (isPython(client)) assert.equal(answers.managed, content);
      else assert.match(answers.managed, /invalid_file_path/);
    });

    it("is refused where the identity has no role", async () => {
      const stranger = await createIdentity(`stranger-${clients.indexOf(client)}`);
      const { answers } = await read(client, "app-service", stranger);
      assert.match(answers.managed, /^RestError: 403 |AuthorizationPermissionMismatch/);
    });
  });
}

/** Removes a folder and those above it, up to the first that was made, all of them empty. */
function removeFolders(last: string, first: string): void {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) rmdirSync(folder);
}

describe("postern run --identity", () => {
  const show = ["sh", "-c", "env | grep -E '^(AZURE_|IDENTITY_|IMDS_|MSI_|NO_PROXY)' | sort"];
  const shown = async (identity: string, identityForm: Form) =>
    assertSucceeded(await cloud.run(show, { identity, identityForm })).stdout;

  it("finds the identity by each of its names", async () => {
    const expected = /^IDENTITY_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}\/msi\/token$/m;
    for (const name of [worker.name.toUpperCase(), worker.id, worker.clientId, worker.principalId])
      assert.match(await shown(name, "app-service"), expected);
    const missing = await cloud.run(["true"], { identity: "nobody" });
    assert.equal(missing.code, 3, missing.stderr);
  });

  it("puts no secret of an app beside it, and keeps loopback off the proxy", async () => {
    const variables = await shown("worker", "imds");
    assert.doesNotMatch(variables, /AZURE_CLIENT_|AZURE_TENANT_ID/);
    assert.match(variables, /^NO_PROXY=.*127\.0\.0\.1/m);
    const both = await cloud.run(["true"], { as: "writer", identity: "worker" });
    assert.equal(both.code, 2);
  });

  it("ends the session with the program", async () => {
    const probe = `fetch(process.argv[1] + "?api-version=2019-08-01&resource=https://storage.azure.com", { headers: { "x-identity-header": process.argv[2] } }).then(async (answer) => console.log(answer.status, Object.keys(await answer.json()).join()))`;
    const script = `echo "$IDENTITY_ENDPOINT $IDENTITY_HEADER"; "${process.execPath}" -e '${probe}' "$IDENTITY_ENDPOINT" "$IDENTITY_HEADER"`;
    const during = assertSucceeded(await cloud.run(["sh", "-c", script], { identity: "worker" })).stdout;
    const [addresses, answer] = during.trimEnd().split("\n") as [string, string];
    assert.match(answer, /^200 access_token,/);
    const [endpoint, header] = addresses.split(" ") as [string, string];
    const later = await fetch(`${endpoint}?api-version=2019-08-01&resource=https://storage.azure.com`, {
      headers: { "x-identity-header": header },
    });
    assert.equal(later.status, 401, await later.text());
  });

  it("gives nothing to a program that was not launched so", { skip: python311.skip }, async () => {
    const program = [...clients[0]!.command, place.account, worker.clientId, worker.id];
    const outcome = assertSucceeded(await cloud.run(program));
    const { answers, claims } = JSON.parse(outcome.stdout) as Printed;
    assert.equal(claims, null);
    for (const answer of Object.values(answers))
      assert.match(answer, /^(CredentialUnavailable|ClientAuthentication)Error/);
  });

  it("is refused to an operator's program once the identity is gone", async () => {
    const doomed = await createIdentity("doomed");
    assertSucceeded(await cloud.postern("identity", "delete", "--name", "doomed", "--resource-group", place.group));
    assertRefused(await cloud.run(["true"], { identity: doomed.id }), /ResourceNotFound/);
  });
});

describe(az245.name, { skip: az245.skip }, () => {
  it("makes, shows, lists and deletes identities and their federated credentials", async () => {
    const az = operatorAz(cloud, az245);
    const { group } = await createPlace(cloud, "az-identity", "azidentitydata");
    const at = ["--resource-group", group];
    const made = await az.json<Identity & { tags: object; type: string }>(
      ...["identity", "create", "--name", "by-az", ...at, "--tags", "a=b"],
    );
    assert.equal(
      made.id,
      `${groupScope(cloud, group).replace("resourceGroups", "resourcegroups")}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/by-az`,
    );
    assert.deepEqual(await az.json("identity", "show", "--name", "by-az", ...at), made);
    assert.deepEqual(await az.json("identity", "list", ...at), [made]);
    const all = await az.json<Identity[]>("identity", "list");
    assert.ok(all.some(({ id }) => id === made.id) && all.some(({ id }) => id === worker.id));
    assert.deepEqual(await az.json("identity", "list-resources", "--name", "by-az", ...at), []);
    assert.equal(
      await az.text("ad", "sp", "show", "--id", made.clientId, "--query", "servicePrincipalType", "-o", "tsv"),
      "ManagedIdentity",
    );

    const credential = ["identity", "federated-credential"];
    const of = ["--identity-name", "by-az", ...at];
    const claims = [
      "--issuer",
      "https://token.actions.example",
      "--subject",
      "repo:postern/postern:ref:refs/heads/main",
    ];
    const federated = await az.json<{ id: string; issuer: string; subject: string; audiences: string[] }>(
      ...[...credential, "create", "--name", "from-ci", ...of, ...claims],
    );
    assert.deepEqual(federated.audiences, ["api://AzureADTokenExchange"]);
    assert.deepEqual(await az.json(...credential, "show", "--name", "from-ci", ...of), federated);
    const changed = await az.json<{ subject: string }>(
      ...[...credential, "update", "--name", "from-ci", ...of, "--issuer", federated.issuer, "--subject", "another"],
    );
    assert.equal(changed.subject, "another");
    assert.equal((await az.json<unknown[]>(...credential, "list", ...of)).length, 1);
    await az.refused(
      /\(Conflict\)/,
      ...credential,
      "create",
      "--name",
      "twice",
      ...of,
      "--issuer",
      federated.issuer,
      "--subject",
      "another",
    );
    await az.text(...credential, "delete", "--name", "from-ci", ...of, "--yes");
    assert.deepEqual(await az.json(...credential, "list", ...of), []);

    await az.text("identity", "delete", "--name", "by-az", ...at);
    await az.refused(/ResourceNotFound/, "identity", "show", "--name", "by-az", ...at);
    await az.json("identity", "create", "--name", "goes-along", ...at);
    await az.text("group", "delete", "--name", group, "--yes");
    assert.ok(!(await az.json<Identity[]>("identity", "list")).some(({ name }) => name === "goes-along"));
  });
});
