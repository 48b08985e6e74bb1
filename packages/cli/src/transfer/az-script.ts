/**
 * An inventory as a shell script of az commands, which the real az runs against any Azure. Pure. May use: inventory.ts,
 * application-properties.ts, azure/identifiers.ts, insight/wording.ts.
 *
 * Every text goes into the script as one quoted word; the subscription's ID is filled in when the script runs.
 */
import { quoteOData } from "../azure/identifiers.ts";
import type { Json } from "../http/service-client.ts";
import { quoteWord } from "../insight/wording.ts";
import { applicationMark, writeMarked } from "./application-properties.ts";
import { type Inventory, SUBSCRIPTION } from "./inventory.ts";

const head = `#!/bin/sh
# Made by: postern export --format az. Run it where az is signed in; what is there already stays.
set -eu
subscription=$(az account show --query id --output tsv)
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=\${graph%/}
fill() { printf '%s' "$1" | sed "s/${SUBSCRIPTION}/$subscription/g"; }
`;

/** A word that may name the subscription. */
function filled(text: string): string {
  return text.includes(SUBSCRIPTION) ? `"$(fill ${quoteWord(text)})"` : quoteWord(text);
}

function command(...words: readonly (string | undefined)[]): string {
  return `az ${words.filter((word) => word !== undefined && word !== "").join(" ")}`;
}

function tagWords(tags: Json | null): string {
  if (tags === null) return "";
  return `--tags ${Object.entries(tags)
    .map(([name, value]) => quoteWord(`${name}=${String(value)}`))
    .join(" ")}`;
}

const settingFlags: Readonly<Record<string, string>> = {
  accessTier: "--access-tier",
  allowBlobPublicAccess: "--allow-blob-public-access",
  allowSharedKeyAccess: "--allow-shared-key-access",
  minimumTlsVersion: "--min-tls-version",
  publicNetworkAccess: "--public-network-access",
  supportsHttpsTrafficOnly: "--https-only",
};

export function writeAzScript(inventory: Inventory): string {
  const apps = new Map(inventory.applications.map(({ displayName }, index) => [displayName, `app_${index + 1}`]));
  const lines = [
    head,
    ...writeResources(inventory),
    ...inventory.applications.flatMap((app) => writeApplication(app, apps.get(app.displayName)!)),
    // Once all are there: they may name each other.
    ...inventory.applications.flatMap((app) => writeProperties(app, apps)),
    ...inventory.directoryGroups.map(({ displayName, mailNickname, description }) =>
      command(
        "ad group create",
        `--display-name ${quoteWord(displayName)} --mail-nickname ${quoteWord(mailNickname)}`,
        description === null ? undefined : `--description ${quoteWord(description)}`,
        "--output none",
      ),
    ),
    ...inventory.roles.flatMap(writeRole),
    ...inventory.assignments.flatMap((one) => writeAssignment(one, apps)),
    "",
  ];
  return lines.join("\n");
}

function writeResources({ groups, accounts, identities }: Inventory): string[] {
  return [
    ...groups.map(({ name, location, tags }) =>
      command(
        `group create --name ${quoteWord(name)} --location ${quoteWord(location)}`,
        tagWords(tags),
        "--output none",
      ),
    ),
    ...accounts.map(({ name, group, location, sku, kind, tags, properties }) => {
      const settings = Object.entries(properties).flatMap(([key, value]) => {
        const flag = settingFlags[key];
        return flag === undefined ? [] : [`${flag} ${quoteWord(String(value))}`];
      });
      return command(
        `storage account create --name ${quoteWord(name)} --resource-group ${quoteWord(group)} --location ${quoteWord(location)}`,
        `--sku ${quoteWord(sku)} --kind ${quoteWord(kind)}`,
        ...settings,
        tagWords(tags),
        "--output none",
      );
    }),
    ...identities.map(({ name, group, location, tags }) =>
      command(
        `identity create --name ${quoteWord(name)} --resource-group ${quoteWord(group)} --location ${quoteWord(location)}`,
        tagWords(tags),
        "--output none",
      ),
    ),
  ];
}

function writeApplication(app: Inventory["applications"][number], variable: string): string[] {
  const ref = `"$${variable}"`;
  return [
    ...writeRegistration(app.displayName, variable),
    ...(app.hasPrincipal
      ? [`az ad sp show --id ${ref} --output none 2>/dev/null || az ad sp create --id ${ref} --output none`]
      : []),
    ...app.federated.map((credential) => {
      const name = quoteWord(String(credential.name));
      const show = `az ad app federated-credential show --id ${ref} --federated-credential-id ${name} --output none 2>/dev/null`;
      return `${show} || az ad app federated-credential create --id ${ref} --parameters ${quoteWord(JSON.stringify(credential))} --output none`;
    }),
  ];
}

/** `ad app create` finds what is there by its name, but not by one with an apostrophe, which az puts into its filter as it is: there Graph is asked. */
function writeRegistration(displayName: string, variable: string): string[] {
  if (!displayName.includes("'"))
    return [`${variable}=$(az ad app create --display-name ${quoteWord(displayName)} --query appId --output tsv)`];
  const filter = quoteWord(`displayName eq ${quoteOData(displayName)}`);
  const body = quoteWord(JSON.stringify({ displayName }));
  const create = `az rest --method post --url "$graph/v1.0/applications" --body ${body} --query appId --output tsv`;
  return [
    `${variable}=$(az ad app list --filter ${filter} --query '[0].appId' --output tsv)`,
    `[ -n "$${variable}" ] || ${variable}=$(${create})`,
  ];
}

/**
 * By Graph itself and not by `ad app update`, which has no option for half of it. A client that may do without consent comes in a request of its own: what it
 * may has to be there before.
 */
function writeProperties(
  { displayName, properties }: Inventory["applications"][number],
  apps: ReadonlyMap<string, string>,
): string[] {
  const { api, ...rest } = properties;
  const { preAuthorizedApplications, ...ownApi } = (api ?? {}) as Json;
  const bodies = [
    { ...rest, ...(Object.keys(ownApi).length === 0 ? {} : { api: ownApi }) },
    ...(preAuthorizedApplications === undefined ? [] : [{ api: { preAuthorizedApplications } }]),
  ];
  const url = `"$graph/v1.0/applications(appId='$${apps.get(displayName)!}')"`;
  const ids = new Map([...apps].map(([name, variable]) => [applicationMark(name), `"$${variable}"`]));
  return bodies.map((body) =>
    command(`rest --method patch --url ${url} --body ${writeMarked(JSON.stringify(body), filled, ids)} --output none`),
  );
}

function writeRole(role: Inventory["roles"][number]): string[] {
  const { roleName, ...rest } = role;
  const definition = filled(JSON.stringify({ name: roleName, ...rest }));
  const name = quoteWord(roleName);
  return [
    `if [ "$(az role definition list --custom-role-only --name ${name} --query 'length(@)' --output tsv)" = 0 ]`,
    `then az role definition create --role-definition ${definition} --output none`,
    `else az role definition update --role-definition ${definition} --output none`,
    "fi",
  ];
}

function writeAssignment(one: Inventory["assignments"][number], apps: ReadonlyMap<string, string>): string[] {
  const { principal, role, scope, description, condition, conditionVersion } = one;
  const who = principalWords(principal, apps);
  if (who === undefined)
    return [`# Not made again: ${role} for ${principal.kind} ${principal.name.replace(/[\r\n]/g, " ")}`];
  return [
    command(
      `role assignment create ${who} --role ${quoteWord(role)} --scope ${filled(scope)}`,
      description === null ? undefined : `--description ${quoteWord(description)}`,
      condition === null
        ? undefined
        : `--condition ${filled(condition)} --condition-version ${quoteWord(conditionVersion ?? "2.0")}`,
      "--output none",
    ),
  ];
}

function principalWords(
  { kind, name }: Inventory["assignments"][number]["principal"],
  apps: ReadonlyMap<string, string>,
) {
  const withType = (id: string, type: string) => `--assignee-object-id "$(${id})" --assignee-principal-type ${type}`;
  switch (kind) {
    case "application": {
      const variable = apps.get(name);
      return variable && withType(`az ad sp show --id "$${variable}" --query id --output tsv`, "ServicePrincipal");
    }
    case "identity": {
      const [group = "", identity = ""] = name.split("/");
      const show = `az identity show --resource-group ${quoteWord(group)} --name ${quoteWord(identity)} --query principalId --output tsv`;
      return withType(show, "ServicePrincipal");
    }
    case "group":
      return withType(`az ad group show --group ${quoteWord(name)} --query id --output tsv`, "Group");
    case "user":
      return `--assignee ${quoteWord(name)}`;
  }
}
