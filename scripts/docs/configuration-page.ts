/** docs/configuration.md: every setting, from the table that the server reads them by. */
import { describe } from "../../packages/server/src/configuration/read-configuration.ts";
import { flagOf, type Setting, settings, variableOf } from "../../packages/server/src/configuration/settings.ts";

const head = `# Configuration

Made by \`npm run docs\` from the table that the server itself reads. How the settings are used is told in [operating](guides/operating.md).

A setting is given in a file of JSON (\`--config FILE\` or \`POSTERN_CONFIG\`), in the environment, or on the command line. The environment stands over the file, the
command line over both. A name that is no setting is refused, with the one that was probably meant. No setting holds a secret: what is secret is read from a
file that the setting names, which its owner alone may read (mode 0600). Paths in the file are meant from the file's folder; a switch on the command line has no value.

\`\`\`json
{ "state": "/var/lib/postern", "listen": "0.0.0.0", "logFormat": "json", "accessLog": "-", "adminListen": "127.0.0.1:9464" }
\`\`\`

\`postern up\` takes the ones people change often as flags of its own; with \`--config\` it takes all of them. \`HTTPS_PROXY\` and \`NO_PROXY\` name the proxy that other hosts are reached through.

| in the file | on the command line | in the environment | takes | default | what it does |
|---|---|---|---|---|---|
`;

/** The whole page. */
export function configurationPage(): string {
  const rows = Object.entries(settings).map(([name, setting]: [string, Setting]) => {
    const cells = [
      `\`${name}\``,
      `\`${flagOf(name)}\``,
      `\`${variableOf(name)}\``,
      describe(setting),
      setting.shownDefault ?? (setting.kind === "switch" ? "false" : "none"),
      setting.summary,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `${head}${rows.join("\n")}\n`;
}
