/**
 * Writes environment variables in the forms that shells, systemd and dotenv readers take, so that each reads back exactly what was meant.
 * May use: faults.ts.
 *
 * A value of plain characters is written bare in every form but the shell's; whatever cannot be written safely in a form is refused.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
 * @see https://nodejs.org/api/environment_variables.html#dotenv
 */
import { failure } from "../faults.ts";

export const variableFormats = ["shell", "dotenv", "systemd", "json", "docker", "k8s-secret", "github"] as const;

export type VariableFormat = (typeof variableFormats)[number];

export type Variables = Readonly<Record<string, string>>;

/** Characters that no reader takes for anything but themselves. */
const plain = /^[A-Za-z0-9_.~+/@%:-]*$/;
/** Line ends and other controls: no two readers agree on these inside a value. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is looked for
const unwritable = /[\x00-\x1f\x7f]/;

/** @param name what a Kubernetes secret is called by. @throws CliFault (failure) when a value cannot be written in the form. */
export function formatVariables(variables: Variables, format: VariableFormat, name = "azure"): string {
  if (format === "json") return `${JSON.stringify(variables, null, 2)}\n`;
  for (const [variable, value] of Object.entries(variables)) {
    if (unwritable.test(value)) throw failure(`The value of ${variable} has control characters and cannot be written.`);
  }
  if (format === "k8s-secret") return formatSecret(variables, name);
  const shown = format === "github" ? { ...variables, AZURE_CREDENTIALS: githubCredentials(variables) } : variables;
  return Object.entries(shown)
    .map(([variable, value]) => `${writers[format](variable, value)}\n`)
    .join("");
}

/** A Secret for `envFrom`. Values are base64, so that none can be read as YAML. @see https://kubernetes.io/docs/concepts/configuration/secret/ */
function formatSecret(variables: Variables, name: string): string {
  const plainName =
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "azure";
  const lines = Object.entries(variables).map(([key, value]) => `  ${key}: ${Buffer.from(value).toString("base64")}`);
  return [
    "apiVersion: v1",
    "kind: Secret",
    "metadata:",
    `  name: ${plainName}`,
    "type: Opaque",
    "data:",
    ...lines,
    "",
  ].join("\n");
}

/** What the action azure/login takes as `creds`. @see https://github.com/Azure/login#login-with-a-service-principal-secret */
function githubCredentials(variables: Variables): string {
  return JSON.stringify({
    clientId: variables.AZURE_CLIENT_ID,
    clientSecret: variables.AZURE_CLIENT_SECRET,
    tenantId: variables.AZURE_TENANT_ID,
  });
}

type LineFormat = Exclude<VariableFormat, "json" | "k8s-secret">;

const writers: Readonly<Record<LineFormat, (name: string, value: string) => string>> = {
  shell: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  systemd: (name, value) => `${name}=${plain.test(value) ? value : `"${value.replace(/[\\"$`]/g, "\\$&")}"`}`,
  dotenv: (name, value) => `${name}=${quoteDotenv(name, value)}`,
  // Docker takes everything behind the mark as it stands. https://docs.docker.com/reference/cli/docker/container/run/#env
  docker: (name, value) => `${name}=${value}`,
  github: (name, value) => `${name}=${quoteDotenv(name, value)}`,
};

/**
 * dotenv has no standard: some readers know escapes in quotes, some do not. Only what all of them read alike is written: single quotes
 * around anything without a single quote or a backslash, double quotes around anything without what is special in those.
 */
function quoteDotenv(name: string, value: string): string {
  if (plain.test(value)) return value;
  if (!/['\\]/.test(value)) return `'${value}'`;
  if (!/["\\$`]/.test(value)) return `"${value}"`;
  throw failure(`The value of ${name} cannot be written so that every dotenv reader reads it alike.`);
}
