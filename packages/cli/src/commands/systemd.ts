/**
 * `postern systemd APP --exec …`: a unit that starts a program signed in as an app, shut off from all that it does not need.
 *
 * The secret is in no unit file: it comes from a file of root's, as an EnvironmentFile or by LoadCredential. May use: session.ts, azure/.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Sandboxing
 * @see https://systemd.io/CREDENTIALS/
 */
import { writeFile } from "node:fs/promises";
import { findApplication } from "../azure/applications.ts";
import { defineCommand } from "../command/command.ts";
import { usageFault } from "../faults.ts";
import { quoteWord } from "../insight/wording.ts";
import { openSession } from "../session.ts";

/** What every service can do without, which programs that compile as they run (Node, PyPy, Java) included. */
const hardening = [
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "ProtectHome=yes",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectProc=invisible",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "CapabilityBoundingSet=",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "UMask=0077",
] as const;

export const command = defineCommand({
  positionals: [{ name: "APP", summary: "Display name or appId of an app." }],
  options: {
    exec: {
      kind: "text",
      flags: ["--exec"],
      valueName: "LINE",
      summary: "The program's command line; its path is absolute.",
      required: true,
    },
    secret: {
      kind: "text",
      flags: ["--secret"],
      choices: ["credential", "environment-file"],
      summary: "How the secret gets in: by LoadCredential, or as EnvironmentFile. Default: environment-file.",
    },
    envFile: {
      kind: "text",
      // Node itself looks for `--env-file` in the arguments of a script, and ends with 9 where the file is not there yet.
      flags: ["--environment-file", "--env-file"],
      summary: "Where the secret is. Default: /etc/APP/azure.env.",
    },
    user: { kind: "text", flags: ["--user"], summary: "Who it runs as. Default: a user of its own (DynamicUser)." },
    workingDirectory: { kind: "text", flags: ["--working-directory"], summary: "Where it runs." },
    file: { kind: "text", flags: ["--file"], summary: "Write the unit to a file, in place of standard output." },
  },
  examples: [
    {
      summary: "A service that signs in as my-app",
      line: 'postern systemd my-app --exec "/usr/bin/python3 /srv/my-app/app.py" --file my-app.service',
    },
    {
      summary: "With the secret by LoadCredential",
      line: 'postern systemd my-app --secret credential --exec "/srv/my-app/run"',
    },
  ],
  run: async (context, args, { positionals }) => {
    if (!args.exec.startsWith("/")) throw usageFault("--exec: systemd needs the program's absolute path.");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end would begin another setting of the unit
    if ([args.exec, args.envFile, args.user, args.workingDirectory].some((text) => /[\x00-\x1f]/.test(text ?? ""))) {
      throw usageFault("A unit's settings have no control characters.");
    }
    const { graph } = await openSession(context);
    const { displayName } = await findApplication(graph, positionals[0]!);
    const name = String(displayName).replace(/[^\w.-]+/g, "-");
    const unit = writeUnit(name, { ...args, envFile: args.envFile ?? `/etc/${name}/azure.env` });
    context.notes.line(
      `The secret goes in as root:\n  install -d -m 0700 ${quoteWord(`/etc/${name}`)} && postern env ${quoteWord(String(displayName))} --format systemd --file ${quoteWord(args.envFile ?? `/etc/${name}/azure.env`)}`,
    );
    if (args.file === undefined) return { data: unit, text: unit };
    await writeFile(args.file, unit);
    return {};
  },
});

interface UnitRequest {
  readonly exec: string;
  readonly secret: string | undefined;
  readonly envFile: string;
  readonly user: string | undefined;
  readonly workingDirectory: string | undefined;
}

function writeUnit(name: string, { exec, secret, envFile, user, workingDirectory }: UnitRequest): string {
  const isCredential = secret === "credential";
  const lines = [
    "[Unit]",
    `Description=${name}, signed in to Azure as itself`,
    "After=network-online.target",
    "Wants=network-online.target",
    "",
    "[Service]",
    "Type=exec",
    ...(isCredential
      ? [
          `LoadCredential=azure.env:${envFile}`,
          // The program reads variables, not files: a shell turns the one into the other, and is gone.
          `ExecStart=/bin/sh -c 'set -a; . "$$CREDENTIALS_DIRECTORY/azure.env"; set +a; exec "$$0" "$$@"' ${exec}`,
        ]
      : [`EnvironmentFile=${envFile}`, `ExecStart=${exec}`]),
    ...(user === undefined ? ["DynamicUser=yes"] : [`User=${user}`]),
    ...(workingDirectory === undefined ? [] : [`WorkingDirectory=${workingDirectory}`]),
    `StateDirectory=${name}`,
    "Restart=on-failure",
    "RestartSec=5",
    "",
    "# Nothing that a program which talks to Azure does not need.",
    ...hardening,
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ];
  return lines.join("\n");
}
