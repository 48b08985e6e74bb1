/** `postern env APP`: the variables an app signs in with. May use: app-credential.ts, launch/variables.ts. */
import { findCredential, OPERATOR } from "../../app-credential.ts";
import { defineCommand } from "../../command/command.ts";
import { formatVariables, type VariableFormat, type Variables, variableFormats } from "../../launch/variables.ts";
import { openSession } from "../../session.ts";
import { writePrivateFile } from "../../state/private-file.ts";

export const command = defineCommand({
  positionals: [{ name: "APP", summary: "Display name or appId of an app, or: operator." }],
  options: {
    format: {
      kind: "text",
      flags: ["--format", "-f"],
      choices: variableFormats,
      summary: "How the variables are written. Default: shell.",
    },
    file: {
      kind: "text",
      flags: ["--file"],
      valueName: "PATH",
      summary: "Write them to a file that only you may read (0600), in place of standard output.",
    },
  },
  examples: [
    { summary: "An EnvironmentFile for a systemd unit", line: "postern env my-app --format systemd --file app.env" },
    { summary: "Into this shell", line: 'eval "$(postern env my-app)"' },
    {
      summary: "Secrets of a repository on GitHub",
      line: "postern env my-app --format github | gh secret set --env-file -",
    },
    { summary: "Everything the operator can sign in with", line: "postern env operator --format json" },
  ],
  run: async (context, args, { positionals }) => {
    const name = positionals[0]!;
    const session = await openSession(context);
    const { tenantId, appId, clientSecret, displayName } = await findCredential(session, name, context.notes);
    const variables: Variables = {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: appId,
      AZURE_CLIENT_SECRET: clientSecret,
    };
    const format = (args.format ?? "shell") as VariableFormat;
    // A person's name and password are no variables of any client's: they are for the JSON form only.
    const shown = name === OPERATOR && format === "json" ? { ...variables, ...people(session.operator) } : variables;
    const text = formatVariables(shown, format, displayName);
    if (args.file !== undefined) {
      await writePrivateFile(args.file, text);
      context.notes.line(`Wrote ${args.file}, which only you may read.`);
      return {};
    }
    if (context.isStdoutTerminal) context.notes.warn("The output includes a secret that you must protect.");
    return { data: shown, text };
  },
});

function people({ username, password }: { readonly username: string; readonly password: string }) {
  return { username, password };
}
