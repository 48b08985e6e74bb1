/**
 * `owner` of `ad app`, `ad sp` and `ad group`. @see https://learn.microsoft.com/graph/api/application-list-owners
 */
import { resolveApplication, resolveServicePrincipal } from "../../azure/applications.ts";
import { findGroupId, referenceTo } from "../../azure/groups.ts";
import { type Command, defineCommand, type Option } from "../../command/command.ts";
import { openSession, type Session } from "../../session.ts";
import { applicationId, groupOption, servicePrincipalId } from "./options.ts";

const ownerObjectId = {
  kind: "text",
  flags: ["--owner-object-id"],
  summary: "Owner's object ID.",
  required: true,
} as const satisfies Option;

interface Owned {
  readonly word: string;
  readonly collection: string;
  readonly id: Option & { readonly kind: "text"; readonly required: true };
  readonly sample: string;
  readonly resolve: (session: Session, identifier: string) => Promise<string>;
}

const app: Owned = {
  word: "app",
  collection: "applications",
  id: applicationId,
  sample: "--id APPID",
  resolve: ({ graph }, identifier) => resolveApplication(graph, identifier),
};
const sp: Owned = {
  word: "sp",
  collection: "servicePrincipals",
  id: servicePrincipalId,
  sample: "--id APPID",
  resolve: ({ graph }, identifier) => resolveServicePrincipal(graph, identifier),
};
const group: Owned = {
  word: "group",
  collection: "groups",
  id: groupOption,
  sample: "--group Readers",
  resolve: ({ graph }, identifier) => findGroupId(graph, identifier),
};

async function pathOf(session: Session, { collection, resolve }: Owned, identifier: string): Promise<string> {
  return `/${collection}/${encodeURIComponent(await resolve(session, identifier))}/owners`;
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
