/**
 * `owner` of `ad app`, `ad sp` and `ad group`. @see https://learn.microsoft.com/graph/api/application-list-owners
 */
import { resolveApplication, resolveServicePrincipal } from "../../azure/applications.ts";
import { findGroupId, referenceTo } from "../../azure/groups.ts";
import { type Command, defineCommand, type Option } from "../../command/command.ts";
import type { ServiceClient } from "../../http/service-client.ts";
import { openSession, type Session } from "../../session.ts";
import { requiredText } from "../options.ts";
import { applicationId, groupOption, servicePrincipalId } from "./options.ts";

const ownerObjectId = requiredText(["--owner-object-id"], "Owner's object ID.");

/** What can be owned. */
interface Owned {
  readonly word: string;
  readonly collection: string;
  readonly id: Option & { readonly kind: "text"; readonly required: true };
  readonly sample: string;
  readonly resolve: (graph: ServiceClient, identifier: string) => Promise<string>;
}

const byAppId = "--id APPID";
const owned = {
  app: ["applications", applicationId, byAppId, resolveApplication],
  sp: ["servicePrincipals", servicePrincipalId, byAppId, resolveServicePrincipal],
  group: ["groups", groupOption, "--group Readers", findGroupId],
} as const;

function ownedBy(word: keyof typeof owned): Owned {
  const [collection, id, sample, resolve] = owned[word];
  return { word, collection, id, sample, resolve };
}

const [app, sp, group] = [ownedBy("app"), ownedBy("sp"), ownedBy("group")];

async function pathOf(session: Session, { collection, resolve }: Owned, identifier: string): Promise<string> {
  return `/${collection}/${encodeURIComponent(await resolve(session.graph, identifier))}/owners`;
}

function list(owned: Owned): Command {
  return defineCommand({
    options: { id: owned.id },
    examples: [{ summary: "Who owns it", line: `postern ad ${owned.word} owner list ${owned.sample}` }],
    run: async (context, args) => {
      const session = await openSession(context);
      return { data: await session.graph.list(await pathOf(session, owned, args.id)) };
    },
  });
}

function add(owned: Owned): Command {
  return defineCommand({
    options: { id: owned.id, ownerObjectId },
    examples: [
      {
        summary: "Add an owner",
        line: `postern ad ${owned.word} owner add ${owned.sample} --owner-object-id OBJECTID`,
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = await pathOf(session, owned, args.id);
      // Graph refuses an owner who is one already; az does not, and neither do we.
      const owners = await session.graph.list(path);
      if (!owners.some(({ id }) => id === args.ownerObjectId)) {
        await session.graph.send("POST", `${path}/$ref`, referenceTo(session.graph, args.ownerObjectId));
      }
      return {};
    },
  });
}

function remove(owned: Owned): Command {
  return defineCommand({
    options: { id: owned.id, ownerObjectId },
    examples: [
      {
        summary: "Remove an owner",
        line: `postern ad ${owned.word} owner remove ${owned.sample} --owner-object-id OBJECTID`,
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = await pathOf(session, owned, args.id);
      await session.graph.send("DELETE", `${path}/${encodeURIComponent(args.ownerObjectId)}/$ref`);
      return {};
    },
  });
}

export const listAppOwners = list(app);
export const addAppOwner = add(app);
export const removeAppOwner = remove(app);
export const listSpOwners = list(sp);
export const listGroupOwners = list(group);
export const addGroupOwner = add(group);
export const removeGroupOwner = remove(group);
