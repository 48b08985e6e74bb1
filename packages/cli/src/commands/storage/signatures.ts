/** `generate-sas` of containers and blobs. @see https://learn.microsoft.com/cli/azure/storage/blob#az-storage-blob-generate-sas */
import { readSignatureTime, requestDelegationKey, signAccess } from "../../blob/signatures.ts";
import { type Command, defineCommand, type Option } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import { blobName, containerName, dataOptions, openAccount } from "./data-options.ts";

const signatureOptions = {
  permissions: {
    kind: "text",
    flags: ["--permissions"],
    summary: "Letters: (a)dd (c)reate (d)elete (l)ist (r)ead (w)rite and more.",
  },
  expiry: { kind: "text", flags: ["--expiry"], summary: "Until when, e.g. 2026-12-31T12:59Z." },
  start: { kind: "text", flags: ["--start"], summary: "From when. Default: at once." },
  policyName: { kind: "text", flags: ["--policy-name"], summary: "A stored access policy." },
  ip: { kind: "text", flags: ["--ip"], summary: "An address or a range that may use it." },
  httpsOnly: { kind: "flag", flags: ["--https-only"], summary: "Only by HTTPS." },
  cacheControl: { kind: "text", flags: ["--cache-control"], summary: "A header of answers." },
  contentDisposition: { kind: "text", flags: ["--content-disposition"], summary: "A header of answers." },
  contentEncoding: { kind: "text", flags: ["--content-encoding"], summary: "A header of answers." },
  contentLanguage: { kind: "text", flags: ["--content-language"], summary: "A header of answers." },
  contentType: { kind: "text", flags: ["--content-type"], summary: "A header of answers." },
  asUser: {
    kind: "flag",
    flags: ["--as-user"],
    summary: "Sign as whoever is signed in, in place of by the account's key; with --auth-mode login.",
  },
  fullUri: { kind: "flag", flags: ["--full-uri"], summary: "The whole address, not the signature only." },
} as const satisfies Readonly<Record<string, Option>>;

function generator(isBlob: boolean): Command {
  return defineCommand({
    options: {
      container: isBlob ? containerName : { ...containerName, flags: ["--name", "-n"] },
      blob: { ...blobName, flags: isBlob ? blobName.flags : ["--blob"], required: isBlob, isHidden: !isBlob },
      ...signatureOptions,
      ...dataOptions,
    },
    examples: [
      {
        summary: "Let somebody read for a while, without a key",
        line: isBlob
          ? "postern storage blob generate-sas -c box -n a.txt --permissions r --expiry $(date -u -d tomorrow +%FT%RZ) --as-user --auth-mode login --account-name notesdev --full-uri -o tsv"
          : "postern storage container generate-sas -n box --permissions rl --expiry $(date -u -d tomorrow +%FT%RZ) --as-user --auth-mode login --account-name notesdev -o tsv",
      },
    ],
    run: async (context, args) => {
      const access = await openAccount(context, args);
      if (args.asUser && args.expiry === undefined) {
        throw usageFault("incorrect usage: specify --expiry when --as-user is enabled");
      }
      if (args.asUser && access.credential.kind !== "token") {
        throw usageFault("incorrect usage: specify --auth-mode login when --as-user is enabled");
      }
      if (!args.asUser && access.credential.kind !== "key") {
        throw failure("A signature is made by the account's key, or with --as-user and --auth-mode login.");
      }
      if (args.policyName === undefined && (args.permissions === undefined || args.expiry === undefined)) {
        throw usageFault("incorrect usage: --permissions and --expiry are needed where there is no --policy-name");
      }
      const key = args.asUser
        ? await requestDelegationKey(
            access,
            args.start === undefined ? new Date() : readSignatureTime(args.start),
            readSignatureTime(args.expiry!),
          )
        : access.credential.kind === "key"
          ? access.credential.key
          : "";
      const query = signAccess(
        access.account,
        {
          container: args.container,
          blob: args.blob,
          permissions: args.permissions ?? "",
          start: args.start,
          expiry: args.expiry ?? "",
          policyId: args.policyName,
          ip: args.ip,
          isHttpsOnly: args.httpsOnly,
          overrides: {
            ...(args.cacheControl && { rscc: args.cacheControl }),
            ...(args.contentDisposition && { rscd: args.contentDisposition }),
            ...(args.contentEncoding && { rsce: args.contentEncoding }),
            ...(args.contentLanguage && { rscl: args.contentLanguage }),
            ...(args.contentType && { rsct: args.contentType }),
          },
        },
        key,
      );
      const path = args.blob === undefined ? [args.container] : [args.container, args.blob];
      return { data: args.fullUri ? `${access.urlOf(path)}?${query}` : query };
    },
  });
}

export const generateBlobSas = generator(true);
export const generateContainerSas = generator(false);
