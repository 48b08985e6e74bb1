/**
 * `postern secrets rotate APP`: a new secret beside the old ones, put where the app reads it; the old ones go later, or by a second call.
 *
 * May use: azure/, launch/variables.ts, state/, session.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration#credentials-including-certificates-and-secrets
 */
import { addPassword, findApplication, listPasswords, readLifetime } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { formatVariables, type VariableFormat, variableFormats } from "../../launch/variables.ts";
import { openSession } from "../../session.ts";
import { keepCredential, readCredential } from "../../state/credentials.ts";
import { readTextIfAny, writePrivateFile } from "../../state/private-file.ts";

const SECRET_VARIABLE = "AZURE_CLIENT_SECRET";

export const command = defineCommand({
  positionals: [{ name: "APP", summary: "Display name or appId of an app." }],
  options: {
    envFile: {
      kind: "text",
      // Node itself looks for `--env-file` in the arguments of a script, and ends with 9 where the file is not there yet.
      flags: ["--environment-file", "--env-file"],
      summary: "The file the app reads its variables from: the new secret is written into it (0600), all else stays.",
    },
    format: {
      kind: "text",
      flags: ["--format", "-f"],
      choices: variableFormats,
      summary: "Its format. Default: systemd.",
    },
    years: { kind: "integer", flags: ["--years"], summary: "Years the new secret lasts. Default: 1." },
    unit: { kind: "text", flags: ["--unit"], summary: "The app's systemd unit, for the hint how to restart it." },
    retire: {
      kind: "flag",
      flags: ["--retire"],
      summary: "Make no new secret: remove those that the newest has taken the place of. Once the app uses it.",
    },
  },
  examples: [
    {
      summary: "A new secret, in the app's file",
      line: "postern secrets rotate my-app --environment-file /etc/my-app/azure.env --unit my-app",
    },
    { summary: "And when the app has restarted, the old one goes", line: "postern secrets rotate my-app --retire" },
  ],
  run: async (context, args, { positionals }) => {
    if (args.retire && args.envFile !== undefined)
      throw usageFault("--retire and --environment-file cannot be used together.");
    const session = await openSession(context);
    const application = await findApplication(session.graph, positionals[0]!);
    const [appId, id] = [String(application.appId), String(application.id)];
    const old = listPasswords(application);
    if (args.retire) {
      const kept = await readCredential(session.paths, appId);
      const retired = allButCurrent(old, kept?.clientSecret);
      for (const { keyId } of retired)
        await session.graph.send("POST", `/applications/${id}/removePassword`, { keyId });
      return { data: { appId, retired: retired.map(describe) } };
    }
    // Read before anything is made: a file that cannot be is known before there is a secret without a place.
    const before = args.envFile === undefined ? undefined : await readTextIfAny(args.envFile);
    const displayName = `rotated ${new Date().toISOString().slice(0, 10)}`;
    const lifetime = readLifetime(new Date(), args.years, undefined);
    const clientSecret = await addPassword(session.graph, "applications", id, displayName, lifetime);
    const { tenantId } = session.identity;
    await keepCredential(session.paths, {
      appId,
      displayName: String(application.displayName),
      tenantId,
      clientSecret,
    });
    if (args.envFile !== undefined) {
      const variables = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: appId, [SECRET_VARIABLE]: clientSecret };
      const format = (args.format ?? "systemd") as VariableFormat;
      const text =
        before === undefined
          ? formatVariables(variables, format, String(application.displayName))
          : replace(before, format, variables);
      await writePrivateFile(args.envFile, text);
    }
    const restart = args.unit === undefined ? "the app" : `it with: systemctl restart ${args.unit}`;
    context.notes.line(
      `${String(application.displayName)} has a new secret; ${old.length} older work on. Restart ${restart}, and then: postern secrets rotate ${positionals[0]!} --retire`,
    );
    return {
      data: { appId, ends: lifetime.end.toISOString(), envFile: args.envFile ?? null, older: old.map(describe) },
    };
  },
});

/** The current one is that which is kept here, told by its first characters; else the newest. */
function allButCurrent(passwords: readonly Json[], kept: string | undefined): Json[] {
  const sorted = [...passwords].sort(
    (a, b) => Date.parse(String(b.startDateTime)) - Date.parse(String(a.startDateTime)),
  );
  const isKept = ({ hint }: Json) => typeof hint === "string" && hint !== "" && kept?.startsWith(hint) === true;
  const current = sorted.find(isKept) ?? sorted[0];
  return sorted.filter((one) => one !== current);
}

function describe({ keyId, displayName, endDateTime, hint }: Json): Json {
  return { keyId, displayName, hint, endDateTime };
}

/** Only the lines of the three variables change; others, and comments, stay where they are. */
function replace(text: string, format: VariableFormat, variables: Readonly<Record<string, string>>): string {
  if (format === "json" || format === "k8s-secret") return formatVariables(variables, format);
  const written = new Map(
    Object.entries(variables).map(([name, value]) => [
      name,
      formatVariables({ [name]: value }, format).split("\n")[0]!,
    ]),
  );
  const seen = new Set<string>();
  const lines = text.split("\n").map((line) => {
    const name = /^\s*(?:export\s+)?(AZURE_[A-Z_]+)\s*=/.exec(line)?.[1];
    const wanted = name === undefined ? undefined : written.get(name);
    if (wanted === undefined) return line;
    seen.add(name!);
    return wanted;
  });
  if (!seen.has(SECRET_VARIABLE)) {
    throw failure(`The file has no line for ${SECRET_VARIABLE}: is it the app's? A new one is written by: postern env`);
  }
  return lines.join("\n");
}
