/** The three rows of owners below an application and a service principal. @see https://learn.microsoft.com/graph/api/application-list-owners */
import { addOwner, removeOwner } from "../directory/owner.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerObjects, noContent } from "./answers.ts";
import { change } from "./changes.ts";
import { JsonMembers } from "./json-members.ts";
import { idOf, objectOf, ownersOf, targetOf } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { readReference, sampleReference } from "./references.ts";

type Place = {
  readonly kind: "application" | "servicePrincipal";
  /** As messages spell it. */
  readonly title: "Application" | "ServicePrincipal";
  /** As operations and the change log name it. */
  readonly listName: string;
  readonly name: string;
  readonly logName: string;
};

const places: readonly Place[] = [
  {
    kind: "application",
    title: "Application",
    listName: "an application",
    name: "application",
    logName: "application",
  },
  {
    kind: "servicePrincipal",
    title: "ServicePrincipal",
    listName: "a servicePrincipal",
    name: "servicePrincipal",
    logName: "service principal",
  },
];

/** @param kind what is owned. */
export function ownerOperations(kind: Place["kind"]): readonly GraphOperation[] {
  const place = places.find((one) => one.kind === kind)!;
  const match = `/${kind}s/{${kind}}/owners`;
  const doc = kind.toLowerCase();
  return [
    operation({
      operation: `List owners of ${place.listName}`,
      method: "GET",
      match,
      isCollection: true,
      action: "read-applications",
      doc: `${doc}-list-owners`,
      handle: (call) => answerObjects(call, ownersOf(call, objectOf(call, kind).id)),
    }),
    operation({
      operation: `Add owner to ${place.name}`,
      method: "POST",
      match: `${match}/$ref`,
      action: "manage-application",
      target: targetOf(kind),
      doc: `${doc}-post-owners`,
      sampleBody: sampleReference,
      handle: (call) => addTo(call, place),
    }),
    operation({
      operation: `Remove owner from ${place.name}`,
      method: "DELETE",
      match: `${match}/{owner}/$ref`,
      action: "manage-application",
      target: targetOf(kind),
      doc: `${doc}-delete-owners`,
      handle: (call) => removeFrom(call, place),
    }),
  ];
}

async function addTo(call: GraphCall, { kind, title, logName }: Place): Promise<Reply> {
  const { id } = objectOf(call, kind);
  const ownerId = readReference(new JsonMembers(call.body, title));
  await change(call, `Add owner to ${logName}`, (model) => addOwner(model, { kind, id }, ownerId));
  return noContent;
}

async function removeFrom(call: GraphCall, { kind, logName }: Place): Promise<Reply> {
  const { id } = objectOf(call, kind);
  const ownerId = idOf(call, "owner");
  await change(call, `Remove owner from ${logName}`, (model) => removeOwner(model, { kind, id }, ownerId));
  return noContent;
}
