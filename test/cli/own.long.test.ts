/** What az has no command for: environments, units, rotating, the doctor, backups, scripts for shells. Each by the public command line, in one cloud. */
import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertRefused, assertSucceeded, execute } from "../clients/execution.ts";

interface Environment {
  readonly environment: string;
  readonly displayName: string;
  readonly appId: string;
  readonly roles: readonly { readonly scope: string }[];
}

describe("commands that only postern has", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
    for (const name of ["notes-dev", "notes-prod"]) {
      assertSucceeded(await cloud.postern("group", "create", "--name", name, "--location", "westeurope"));
    }
  });
  after(() => cloud?.stop());

  const scope = (name: string) => `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/${name}`;

  it("env create: an app for each environment, each with its role in its own group; done again, nothing changes", async () => {
    const words = [
      "env",
      "create",
      "--app",
      "notes",
      "--environments",
      "dev",
      "prod",
      "--role",
      "Reader",
      "--scopes",
      scope("notes-{env}"),
    ];
    const made = await cloud.posternJson<Environment[]>(...words);
    assert.deepEqual(
      made.map(({ displayName, roles }) => [displayName, roles.map((role) => role.scope)]),
      [
        ["notes-dev", [scope("notes-dev")]],
        ["notes-prod", [scope("notes-prod")]],
      ],
    );
    assert.deepEqual(await cloud.posternJson(...words), made);
    const listed = await cloud.posternJson<Environment[]>("env", "list", "--app", "notes");
    assert.deepEqual(listed.map(({ environment }) => environment).sort(), ["dev", "prod"]);
    assertRefused(
      await cloud.postern("env", "create", "--app", "x", "--role", "Nobody", "--scopes", scope("notes-dev")),
      /doesn't exist/,
    );
    assert.deepEqual(
      await cloud.posternJson("env", "list", "--app", "x"),
      [],
      "a mistyped role leaves nothing half made",
    );
  });

  it("env: each format reads back what was meant, and its file is for its owner only", async () => {
    const file = join(cloud.workDir, "app.env");
    assertSucceeded(await cloud.postern("env", "notes-dev", "--format", "systemd", "--file", file));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const known = await cloud.credentials("notes-dev");
    const docker = assertSucceeded(await cloud.postern("env", "notes-dev", "--format", "docker")).stdout;
    assert.ok(docker.includes(`AZURE_CLIENT_SECRET=${known.AZURE_CLIENT_SECRET}\n`));
    const secret = assertSucceeded(await cloud.postern("env", "notes-dev", "--format", "k8s-secret")).stdout;
    const encoded = /AZURE_CLIENT_SECRET: (\S+)/.exec(secret)?.[1] ?? "";
    assert.equal(Buffer.from(encoded, "base64").toString(), known.AZURE_CLIENT_SECRET);
    const github = assertSucceeded(await cloud.postern("env", "notes-dev", "--format", "github")).stdout;
    const json = /AZURE_CREDENTIALS='(.*)'/.exec(github)?.[1] ?? "";
    assert.equal(JSON.parse(json).clientId, known.AZURE_CLIENT_ID);
  });

  it("secrets rotate: the file has the new secret, its other lines stay, the old one works until it is retired", async () => {
    const file = join(cloud.workDir, "app.env");
    const before = await readFile(file, "utf8");
    await writeFile(file, `# kept\n${before}OTHER=1\n`, { mode: 0o600 });
    const old = await cloud.credentials("notes-dev");
    assertSucceeded(await cloud.postern("secrets", "rotate", "notes-dev", "--environment-file", file));
    const text = await readFile(file, "utf8");
    const fresh = await cloud.credentials("notes-dev");
    assert.notEqual(fresh.AZURE_CLIENT_SECRET, old.AZURE_CLIENT_SECRET);
    assert.ok(text.startsWith("# kept\n") && text.endsWith("OTHER=1\n") && text.includes(fresh.AZURE_CLIENT_SECRET));
    const login = (secret: string) =>
      cloud.postern(
        "login",
        "--service-principal",
        "-u",
        old.AZURE_CLIENT_ID,
        "-p",
        secret,
        "--tenant",
        old.AZURE_TENANT_ID,
      );
    assertSucceeded(await login(old.AZURE_CLIENT_SECRET));
    assertSucceeded(await cloud.postern("logout"));
    assertSucceeded(await cloud.postern("secrets", "rotate", "notes-dev", "--retire"));
    assertRefused(await login(old.AZURE_CLIENT_SECRET), /AADSTS7000215/);
    assertSucceeded(await login(fresh.AZURE_CLIENT_SECRET));
    assertSucceeded(await cloud.postern("logout"));
  });

  it("doctor: what a program that is signed in finds, and why one that is not cannot", async () => {
    const well = await cloud.posternJson<{ canSignIn: boolean }>("doctor", "--as", "notes-dev", "--output", "json");
    assert.equal(well.canSignIn, true);
    const env = { AZURE_CLIENT_SECRET: "wrong-secret-of-nobody" };
    const ill = await cloud.run(
      ["sh", "-c", 'AZURE_CLIENT_SECRET=$0 exec "$@"', env.AZURE_CLIENT_SECRET, ...doctor()],
      { as: "notes-dev" },
    );
    assert.equal(ill.code, 1);
    assert.match(ill.stdout, /FAILED +EnvironmentCredential +AADSTS7000215/);
    assert.equal(`${ill.stdout}${ill.stderr}`.includes(env.AZURE_CLIENT_SECRET), false);
  });

  function doctor(): string[] {
    const [node, condition, main] = cloud.launch([]);
    return [node!, condition!, main!, "doctor"];
  }

  it("systemd: a unit that systemd itself takes, with no secret in it", async () => {
    const { AZURE_CLIENT_SECRET: secret } = await cloud.credentials("notes-dev");
    for (const how of ["environment-file", "credential"]) {
      const unit = join(cloud.workDir, `${how}.service`);
      assertSucceeded(
        await cloud.postern(
          ...["systemd", "notes-dev", "--exec", "/bin/true --flag", "--secret", how, "--file", unit],
          // Where there is no such file yet: Node must not look for it.
          ...["--environment-file", join(cloud.workDir, "none", "azure.env")],
        ),
      );
      const text = await readFile(unit, "utf8");
      assert.equal(text.includes(secret), false);
      assert.match(text, /^NoNewPrivileges=yes$/m);
      const verified = await execute([
        "sh",
        "-c",
        'command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify "$0"',
        unit,
      ]);
      assert.equal(verified.stderr.includes(unit), false, verified.stderr);
    }
    assertRefused(await cloud.postern("systemd", "notes-dev", "--exec", "/bin/true\nUser=root"), /control characters/);
    assertRefused(await cloud.postern("systemd", "notes-dev", "--exec", "true"), /absolute path/);
  });

  it("backup and restore: the same cloud, elsewhere; a damaged backup is refused before anything is written", async () => {
    const [backup, elsewhere] = [join(cloud.workDir, "backup"), join(cloud.workDir, "elsewhere")];
    assertSucceeded(await cloud.postern("backup", "--to", backup));
    const [node, condition, main] = cloud.launch([]);
    const other = (...words: string[]) => execute([node!, condition!, main!, ...words, "--state", elsewhere]);
    assertSucceeded(await other("restore", backup));
    assertSucceeded(await other("up", "--detach", "--port", "0"));
    try {
      const restored = assertSucceeded(await other("export", "--format", "inventory")).stdout;
      assert.equal(restored, assertSucceeded(await cloud.postern("export", "--format", "inventory")).stdout);
    } finally {
      await other("down");
    }
    await writeFile(join(backup, "state.db"), "damaged");
    assertRefused(
      await execute([node!, condition!, main!, "restore", backup, "--state", join(cloud.workDir, "third")]),
      /state\.db is damaged/,
    );
    await assert.rejects(stat(join(cloud.workDir, "third")));
  });

  it("storage check: sound while it runs and stopped; a flipped bit is named, and ends with 1", async () => {
    const made = await cloud.posternJson<{ name: string }>(
      ...["storage", "account", "create", "--name", "checkedaccount", "--resource-group", "notes-dev"],
    );
    const at = ["--account-name", made.name, "--auth-mode", "key"];
    assertSucceeded(await cloud.postern("storage", "container", "create", "--name", "box", ...at));
    const file = join(cloud.workDir, "letter");
    await writeFile(file, "a letter that will be damaged");
    const put = ["storage", "blob", "upload", "--container-name", "box", "--name", "letter", "--file", file, ...at];
    assertSucceeded(await cloud.postern(...put));
    const running = assertSucceeded(await cloud.postern("storage", "check"));
    assert.match(running.stdout, /1 blobs.*\n.*\nNothing is damaged\.\n$/);
    const backup = join(cloud.workDir, "sound");
    assertSucceeded(await cloud.postern("backup", "--to", backup));
    const [node, condition, main] = cloud.launch([]);
    const check = (...more: string[]) =>
      execute([node!, condition!, main!, "storage", "check", "--state", backup, ...more]);
    assertSucceeded(await check());
    const extents = join(backup, "blobs", "extents");
    const extent = join(extents, (await readdir(extents))[0]!);
    const bytes = await readFile(extent);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(extent, bytes);
    const damaged = await check();
    assert.equal(damaged.code, 1);
    assert.match(damaged.stdout, /content-damaged: checkedaccount\/box\/letter: extent \d+, record at \d+/);
    const printed = await check("--output", "json");
    assert.equal(printed.stderr, "");
    const report = JSON.parse(printed.stdout);
    assert.deepEqual([report.isSound, report.findings[0].row.blob], [false, "letter"]);
  });

  it("completion and man: bash reads the one, groff the other", async () => {
    const script = join(cloud.workDir, "completion.bash");
    await writeFile(script, assertSucceeded(await cloud.postern("completion", "bash")).stdout);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
    const ask = '. "$0"; COMP_WORDS=(postern ad app cre); COMP_CWORD=3; _postern; echo "${COMPREPLY[@]}"';
    assert.equal(assertSucceeded(await execute(["bash", "-c", ask, script])).stdout, "create credential\n");
    const page = join(cloud.workDir, "postern.1");
    await writeFile(page, assertSucceeded(await cloud.postern("man")).stdout);
    const drawn = await execute(["sh", "-c", 'command -v groff >/dev/null || exit 0; groff -man -ww -z "$0"', page]);
    assert.equal(drawn.stderr, "");
    for (const shell of ["zsh", "fish"])
      assert.ok(assertSucceeded(await cloud.postern("completion", shell)).stdout.includes("postern"));
    assertRefused(await cloud.postern("completion", "csh"), /not a shell/);
  });
});
