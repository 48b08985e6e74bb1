/** The options by which storage data commands name an account and the way into it. May use: command/, blob/, session.ts. */
import { storageAccountPath, versioned } from "../../azure/resource-manager.ts";
import { AccountAccess, type AccountCredential } from "../../blob/account-access.ts";
import type { ArgumentsOf, Context, Option } from "../../command/command.ts";
import { describeError, failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findSubscriptionId, openSession, type Session } from "../../session.ts";
import { listAccounts } from "./account.ts";

export const dataOptions = {
  accountName: {
    kind: "text",
    flags: ["--account-name"],
    summary: "Storage account name. Default: $AZURE_STORAGE_ACCOUNT.",
  },
  accountKey: { kind: "text", flags: ["--account-key"], summary: "Storage account key. Default: $AZURE_STORAGE_KEY." },
  sasToken: {
    kind: "text",
    flags: ["--sas-token"],
    summary: "A shared access signature. Default: $AZURE_STORAGE_SAS_TOKEN.",
  },
  connectionString: {
    kind: "text",
    flags: ["--connection-string"],
    summary: "Storage account connection string. Default: $AZURE_STORAGE_CONNECTION_STRING.",
  },
  blobEndpoint: {
    kind: "text",
    flags: ["--blob-endpoint"],
    summary: "Where the account answers, when that is not its own name. Default: $AZURE_STORAGE_SERVICE_ENDPOINT.",
  },
  authMode: {
    kind: "text",
    flags: ["--auth-mode"],
    choices: ["key", "login"],
    summary: "By the account's key, or as whoever is signed in. Default: $AZURE_STORAGE_AUTH_MODE, else key.",
  },
} as const satisfies Readonly<Record<string, Option>>;

export const containerName = {
  kind: "text",
  flags: ["--container-name", "-c"],
  summary: "The container name.",
  required: true,
} as const satisfies Option;

export const blobName = {
  kind: "text",
  flags: ["--name", "-n"],
  summary: "The blob name.",
  required: true,
} as const satisfies Option;

export const metadata = {
  kind: "list",
  flags: ["--metadata"],
  valueName: "KEY=VALUE",
  summary: "Metadata in space-separated key=value pairs.",
} as const satisfies Option;

type DataArguments = ArgumentsOf<typeof dataOptions>;

const STORAGE_AUDIENCE = "https://storage.azure.com";

/** Finds the account and the way into it, by az's rules. @throws CliFault in az's words. */
export async function openAccount(context: Context, args: DataArguments): Promise<AccountAccess> {
  const { env } = context;
  const session = await openSession(context);
  const mode = args.authMode ?? env.AZURE_STORAGE_AUTH_MODE ?? "key";
  const isLogin = mode === "login";
  const given = [args.accountKey, args.sasToken, args.connectionString].some((value) => value);
  if (isLogin && given) {
    const names = [
      args.accountKey && "--account-key",
      args.sasToken && "--sas-token",
      args.connectionString && "--connection-string",
    ].filter((name) => name);
    context.notes.warn(`In "login" auth mode, the following arguments are ignored: ${names.join(" ,")}`);
  }
  const connection =
    isLogin || args.accountKey || args.sasToken
      ? undefined
      : (args.connectionString ?? env.AZURE_STORAGE_CONNECTION_STRING);
  const parts = connection === undefined ? {} : readConnectionString(connection);
  const account = parts.AccountName ?? args.accountName ?? env.AZURE_STORAGE_ACCOUNT;
  const blobEndpoint =
    args.blobEndpoint ?? env.AZURE_STORAGE_SERVICE_ENDPOINT ?? localEndpoint(parts.BlobEndpoint, session);
  if (!account && !blobEndpoint) throw failure("Please provide storage account name or connection string.");
  const credential: AccountCredential = isLogin
    ? { kind: "token", getToken: async () => (await session.tokens.get(STORAGE_AUDIENCE)).accessToken }
    : await findCredential(context, session, account ?? "", {
        key: parts.AccountKey ?? args.accountKey ?? env.AZURE_STORAGE_KEY,
        signature: parts.SharedAccessSignature ?? args.sasToken ?? env.AZURE_STORAGE_SAS_TOKEN,
      });
  return new AccountAccess({
    account: account ?? "",
    endpoints: session.endpoints,
    blobEndpoint,
    credential,
    send: session.openStreams(),
  });
}

/** An account's public address leads to the cloud in use, not to another of that name. */
function localEndpoint(endpoint: string | undefined, { endpoints }: Session): string | undefined {
  if (endpoint === undefined || URL.parse(endpoint)?.hostname.endsWith(`.blob.${endpoints.storageSuffix}`))
    return undefined;
  return endpoint;
}

function readConnectionString(text: string): Partial<Record<string, string>> {
  const pairs = text.split(";").filter((part) => part !== "");
  return Object.fromEntries(
    pairs.map((part) => {
      const mark = part.indexOf("=");
      if (mark < 0) throw failure("Please provide storage account name or connection string.");
      return [part.slice(0, mark), part.slice(mark + 1)];
    }),
  );
}

async function findCredential(
  context: Context,
  session: Session,
  account: string,
  known: { readonly key: string | undefined; readonly signature: string | undefined },
): Promise<AccountCredential> {
  if (known.key) return { kind: "key", key: known.key };
  if (known.signature) return { kind: "signature", query: known.signature.replace(/^\?+/, "") };
  context.notes.warn(
    "\nThere are no credentials provided in your command and environment, we will query for account key for your storage account.\n" +
      "It is recommended to provide --connection-string, --account-key or --sas-token in your command as credentials.\n\n" +
      "You also can add `--auth-mode login` in your command to use Azure Active Directory (Azure AD) for authorization if your login account is assigned required RBAC roles.\n" +
      "For more information about RBAC roles in storage, visit https://learn.microsoft.com/azure/storage/common/storage-auth-aad-rbac-cli.\n\n" +
      "In addition, setting the corresponding environment variables can avoid inputting credentials in your command. Please use --help to get more information about environment variable usage.",
  );
  try {
    return { kind: "key", key: await queryKey(context, session, account) };
  } catch (error) {
    context.notes.warn(`\nSkip querying account key due to failure: ${describeError(error)}`);
    return { kind: "none" };
  }
}

/** The first of the account's keys, wherever in the subscription it is. @throws CliFault (failure) when there is no such account. */
async function queryKey(context: Context, session: Session, account: string): Promise<string> {
  const subscriptionId = await findSubscriptionId(context, session);
  const found = (await listAccounts(session, subscriptionId, undefined)).find(
    ({ name }) => String(name).toLowerCase() === account.toLowerCase(),
  );
  if (found === undefined) throw failure(`Storage account '${account}' not found.`);
  const group = String(found.id).split("/")[4] ?? "";
  const path = storageAccountPath(subscriptionId, group, account);
  const { keys } = await session.resourceManager.json("POST", versioned(`${path}/listKeys`, "storage"));
  const [first] = Array.isArray(keys) ? (keys as Json[]) : [];
  if (first === undefined) throw failure(`Storage account '${account}' has no keys.`);
  return String(first.value);
}

/** `a=b c=d` as headers. */
export function metadataHeaders(words: readonly string[] | undefined): Record<string, string> {
  const pairs = (words ?? []).map((word) => {
    const mark = word.indexOf("=");
    if (mark < 1) throw failure("incorrect usage: --metadata KEY=VALUE [KEY=VALUE ...]");
    return [`x-ms-meta-${word.slice(0, mark).toLowerCase()}`, word.slice(mark + 1)];
  });
  return Object.fromEntries(pairs);
}

/** How far a transfer is, on a terminal; nothing elsewhere. */
export function progressOf(context: Context, name: string): (doneBytes: number, totalBytes: number) => void {
  let shown = -1;
  return (doneBytes, totalBytes) => {
    const percent = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
    if (percent === shown) return;
    shown = percent;
    context.notes.meter(`${name} ${String(percent).padStart(3)} %`, doneBytes >= totalBytes);
  };
}
