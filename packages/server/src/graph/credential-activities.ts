/**
 * When each secret and certificate of an application was last used, for who wants to take away the ones that nothing uses any more. Graph has it
 * in its beta version only. A credential that was never used is not in the list.
 * @see https://learn.microsoft.com/graph/api/resources/appcredentialsigninactivity
 */
import { type HeldCredential, heldCredentials } from "../directory/held-credential.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerOne, rowsOf } from "./answers.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { always, type ReadAt, type ResourceType, renderTime } from "./resource-type.ts";

type Activity = HeldCredential & { readonly lastUse: string };

/** Graph's ids are of this form: base64 of the key's id and what holds it. */
const idOf = ({ credential, ownerType }: HeldCredential): string =>
  Buffer.from(`${credential.keyId}|${ownerType}`).toString("base64url");
const keyTypeOf = ({ kind }: Activity) => (kind === "secret" ? "clientSecret" : "certificate");

function applicationIdOf({ owner }: Activity, model: ReadModel): string | null {
  return model.applications.findOne("appId", owner.appId)?.id ?? null;
}

function principalIdOf({ owner }: Activity, model: ReadModel): string | null {
  return model.servicePrincipals.findOne("appId", owner.appId)?.id ?? null;
}

const activityType: ResourceType<Activity> = {
  name: "appCredentialSignInActivity",
  set: "reports/appCredentialSignInActivities",
  title: "AppCredentialSignInActivity",
  keyOf: idOf,
  isOutsideDirectory: true,
  properties: [
    { name: "id", read: idOf },
    { name: "keyId", read: ({ credential }) => credential.keyId },
    { name: "keyType", read: keyTypeOf },
    always("keyUsage", "verify"),
    { name: "appId", read: ({ owner }) => owner.appId },
    { name: "appObjectId", read: (row, { model }) => applicationIdOf(row, model) },
    { name: "servicePrincipalObjectId", read: (row, { model }) => principalIdOf(row, model) },
    always("resourceId", null),
    { name: "credentialOrigin", read: ({ ownerType }) => ownerType },
    { name: "createdDateTime", read: ({ credential }) => renderTime(credential.startDateTime, true) },
    { name: "expirationDateTime", read: ({ credential }) => renderTime(credential.endDateTime, true) },
    {
      name: "signInActivity",
      read: ({ lastUse }) => ({ lastSignInDateTime: lastUse, lastSignInRequestId: null }),
    },
  ],
  filters: {
    id: { kind: "text", read: idOf },
    keyId: { kind: "identifier", read: ({ credential }) => credential.keyId },
    keyType: { kind: "text", read: keyTypeOf },
    appId: { kind: "identifier", read: ({ owner }) => owner.appId },
    appObjectId: { kind: "identifier", read: (row: Activity, { model }: ReadAt) => applicationIdOf(row, model) },
    servicePrincipalObjectId: {
      kind: "identifier",
      read: (row: Activity, { model }: ReadAt) => principalIdOf(row, model),
    },
    credentialOrigin: { kind: "text", read: ({ ownerType }) => ownerType },
    expirationDateTime: { kind: "time", read: ({ credential }) => credential.endDateTime },
    "signInActivity/lastSignInDateTime": { kind: "time", read: ({ lastUse }) => lastUse },
  },
  indexes: {},
  orderBy: [{ name: "expirationDateTime", read: ({ credential }) => credential.endDateTime }],
  order: { read: ({ lastUse }) => lastUse },
};

function listActivities({ model, recorder }: GraphCall["cloud"]): Activity[] {
  return [...heldCredentials(model)].flatMap((held) => {
    const lastUse = recorder.credentialUses.lastUse(held.credential.keyId);
    return lastUse === undefined ? [] : [{ ...held, lastUse }];
  });
}

function getActivity(call: GraphCall): Reply {
  const { text } = call.keys.activity!;
  const row = listActivities(call.cloud).find((activity) => idOf(activity) === text.replace(/=+$/, ""));
  if (row === undefined) refuse({ kind: "object-not-found", objectKind: "application", id: text });
  return answerOne(call, activityType, row);
}

const shared = { method: "GET", action: "read-audit" } as const;

export const credentialActivityOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "List appCredentialSignInActivities",
    match: "/reports/appCredentialSignInActivities",
    isCollection: true,
    doc: "reportroot-list-appcredentialsigninactivities?view=graph-rest-beta",
    handle: (call) => answerCollection(call, activityType, rowsOf(activityType, listActivities(call.cloud))),
  }),
  operation({
    ...shared,
    operation: "Get appCredentialSignInActivity",
    match: "/reports/appCredentialSignInActivities/{activity}",
    doc: "appcredentialsigninactivity-get?view=graph-rest-beta",
    handle: getActivity,
  }),
];
