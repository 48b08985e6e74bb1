/**
 * `postern login`: signs in to the cloud in use, the way az does. May use: http/, session.ts, state/, sign-in/.
 * @see https://learn.microsoft.com/cli/azure/reference-index#az-login
 */
import { isGuid } from "../../azure/identifiers.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { type CloudAccess, openCloud } from "../../session.ts";
import { signInMachine, signInWithSecretOrCertificate } from "../../sign-in/applications.ts";
import { signInByBrowser, signInByDeviceCode, signInByPassword } from "../../sign-in/people.ts";
import { keepSignIn, type SignIn } from "../../sign-in/sign-in.ts";
import { toAccountRows } from "../account/subscription.ts";
import { askSecret } from "../options.ts";

export const command = defineCommand({
  options: {
    username: { kind: "text", flags: ["--username", "-u"], summary: "User name, or an app's client ID." },
    password: {
      kind: "text",
      flags: ["--password", "-p"],
      summary:
        "User's password, or an app's secret. Asked for when it is not given; @file keeps it out of the command line.",
    },
    tenant: { kind: "text", flags: ["--tenant", "-t"], summary: "The tenant; needed for an app." },
    scopes: { kind: "list", flags: ["--scope"], summary: "What a person consents to while signing in." },
    allowNoSubscriptions: {
      kind: "flag",
      flags: ["--allow-no-subscriptions"],
      summary: "Sign in even where there is no subscription to be seen.",
    },
    useDeviceCode: { kind: "flag", flags: ["--use-device-code"], summary: "Sign in by a code, in a browser anywhere." },
    servicePrincipal: { kind: "flag", flags: ["--service-principal"], summary: "Sign in as an app." },
    certificate: { kind: "text", flags: ["--certificate"], summary: "PEM file with an app's certificate and key." },
    useCertSnIssuer: { kind: "flag", flags: ["--use-cert-sn-issuer"], summary: "Send the certificate's whole chain." },
    clientAssertion: {
      kind: "text",
      flags: ["--federated-token"],
      summary: "Token of an outside issuer, in place of an app's secret.",
    },
    identity: {
      kind: "flag",
      flags: ["--identity", "-i"],
      summary: "Sign in as the managed identity of this machine.",
    },
    clientId: { kind: "text", flags: ["--client-id"], summary: "Which managed identity, by its client ID." },
    objectId: { kind: "text", flags: ["--object-id"], summary: "Which managed identity, by its object ID." },
    resourceId: { kind: "text", flags: ["--resource-id"], summary: "Which managed identity, by its resource ID." },
  },
  examples: [
    { summary: "By browser", line: "postern login" },
    {
      summary: "As an app, its secret read from a file",
      line: "postern login --service-principal -u APPID -p @secret.txt --tenant TENANT",
    },
    { summary: "To the real Azure", line: "postern login --cloud AzureCloud --use-device-code" },
  ],
  run: async (context, args) => {
    refuseCombinations(args);
    const access = await openCloud(context);
    if (args.username && !args.servicePrincipal) {
      context.notes.warn(
        "Starting July 01, 2025, MFA will be gradually enforced for Azure public cloud. The authentication with username " +
          "and password in the command line is not supported with MFA. Consider using one of the compatible " +
          "authentication methods. For more details, see https://go.microsoft.com/fwlink/?linkid=2276314",
      );
    }
    const needsPassword = args.username && !(args.password || args.clientAssertion || args.certificate);
    const password = needsPassword
      ? await askSecret(context, "Password: ", "Please specify both username and password in non-interactive mode.")
      : args.password;
    const signIn = await signInAs(access, { ...args, password }, context);
    const { found } = await keepSignIn(context, access, signIn, args.allowNoSubscriptions);
    const data = found.map((account) => ({ cloudName: access.endpoints.name, ...account }));
    return { data, toRows: toAccountRows };
  },
});

interface LoginArguments {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tenant: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly useDeviceCode: boolean;
  readonly servicePrincipal: boolean;
  readonly certificate: string | undefined;
  readonly useCertSnIssuer: boolean;
  readonly clientAssertion: string | undefined;
  readonly identity: boolean;
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  readonly resourceId: string | undefined;
}

/** az's checks, in its order and words. */
function refuseCombinations(args: LoginArguments): void {
  if ((args.password || args.servicePrincipal || args.tenant) && args.identity) {
    throw failure("usage error: '--identity' is not applicable with other arguments");
  }
  if (args.identity && args.username) {
    throw failure(
      "Passing the managed identity ID with --username is no longer supported. Use --client-id, --object-id or --resource-id instead.",
    );
  }
  if ((args.password || args.servicePrincipal || args.username || args.identity) && args.useDeviceCode) {
    throw failure("usage error: '--use-device-code' is not applicable with other arguments");
  }
  if (args.useCertSnIssuer && !args.servicePrincipal) {
    throw failure("usage error: '--use-sn-issuer' is only applicable with a service principal");
  }
  if (args.servicePrincipal && !args.username) {
    throw failure("usage error: --service-principal --username NAME --password SECRET --tenant TENANT");
  }
  // Entra's own word for it: at a cloud's local address the first word of a path may be a storage account's name instead.
  if (args.tenant !== undefined && !isTenantName(args.tenant)) {
    throw failure(
      `AADSTS900023: Specified tenant identifier '${args.tenant}' is neither a valid DNS name, nor a valid external domain.`,
    );
  }
}

/** An id, a domain, or one of the words for any tenant. @see https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints */
function isTenantName(text: string): boolean {
  return isGuid(text) || text.includes(".") || ["common", "organizations", "consumers"].includes(text);
}

function signInAs(access: CloudAccess, args: LoginArguments, { notes, env }: Context): Promise<SignIn> {
  const say = (text: string) => notes.warn(text);
  if (args.identity) return signInMachine(access, args);
  if (args.servicePrincipal) return signInWithSecretOrCertificate(access, { ...args, username: args.username! });
  const tenant = args.tenant ?? "organizations";
  if (args.username) return signInByPassword(access, tenant, args.username, args.password!);
  return args.useDeviceCode
    ? signInByDeviceCode(access, tenant, args.scopes, say)
    : signInByBrowser(access, tenant, args.scopes, say, env.BROWSER);
}
