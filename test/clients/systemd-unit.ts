/**
 * Runs a systemd unit's program in the foreground: systemd-unit.ts UNIT. This stands in place of systemd, which needs a machine
 * booted with it. It reads WorkingDirectory=, Environment=, EnvironmentFile= and ExecStart= of [Service] as systemd.exec(5) says
 * (the files win over Environment=); User= and Group= are left out, the tests own no such users.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Unit {
  readonly workingDirectory: string | undefined;
  readonly environment: Record<string, string>;
  readonly environmentFiles: readonly string[];
  readonly command: readonly string[];
}

/** Parses the [Service] section. No line continuation and no quoting in ExecStart=: the units here use neither. */
export function parseUnit(text: string): Unit {
  const service = text.split(/^(?=\[)/m).find((section) => section.startsWith("[Service]")) ?? "";
  const values = (key: string) =>
    [...service.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map((match) => match[1]!.trim());
  return {
    workingDirectory: values("WorkingDirectory").at(-1),
    environment: parseVariables(values("Environment").join("\n")),
    environmentFiles: values("EnvironmentFile"),
    command: (values("ExecStart").at(-1) ?? "").split(/\s+/),
  };
}

/** Parses lines NAME=VALUE as systemd does: `#` and `;` begin a comment line, a value may stand in quotes. */
function parseVariables(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line);
    if (!match) continue;
    const value = match[2]!;
    const quoted = /^"(.*)"$|^'(.*)'$/.exec(value);
    variables[match[1]!] = quoted ? (quoted[1] ?? quoted[2]!) : value;
  }
  return variables;
}

function runUnit(path: string): void {
  const unit = parseUnit(readFileSync(path, "utf8"));
  const files = unit.environmentFiles.map((file) => parseVariables(readFileSync(file, "utf8")));
  const child = spawn(unit.command[0]!, unit.command.slice(1), {
    cwd: unit.workingDirectory,
    env: Object.assign({}, process.env, unit.environment, ...files),
    stdio: "inherit",
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
}

if (import.meta.main) runUnit(process.argv[2]!);
