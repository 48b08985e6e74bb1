/** The places roles are assigned at, as the portal shows them: made from the parameters of an address, each with its sections and its way up. */
import { listSubscriptions } from "../api/arm.ts";
import type { Crumb, SectionGroup } from "../components/blade.tsx";
import type { IconName } from "../components/icon.tsx";
import type { Params } from "../router/match.ts";
import { access } from "../texts/access.ts";
import { resources } from "../texts/resources.ts";

export type PlaceKind = "subscription" | "resourceGroup" | "storageAccount" | "container";

export type Place = {
  readonly kind: PlaceKind;
  /** The ARM id. */
  readonly scope: string;
  readonly name: string;
  readonly kindText: string;
  readonly icon: IconName;
  /** Its overview in the portal. */
  readonly base: string;
  readonly crumbs: readonly Crumb[];
  readonly sections: readonly SectionGroup[];
};

const enc = encodeURIComponent;

/** @param params of one of the routes of subscriptions, resource groups, storage accounts and containers. */
export function placeOf(params: Params): Place {
  if (params.container !== undefined) return containerPlace(params);
  if (params.account !== undefined) return accountPlace(params);
  return params.group === undefined ? subscriptionPlace(params) : groupPlace(params);
}

function accessSection(base: string) {
  return { key: "access", text: resources.sections.access, icon: "shield", to: `${base}/access-control` } as const;
}

function overviewSection(base: string) {
  return { key: "overview", text: resources.sections.overview, icon: "info", to: base } as const;
}

function subscriptionPlace({ subscriptionId = "" }: Params): Place {
  const base = `/portal/subscriptions/${enc(subscriptionId)}`;
  return {
    kind: "subscription",
    scope: `/subscriptions/${subscriptionId}`,
    name: subscriptionId,
    kindText: resources.subscription,
    icon: "subscription",
    base,
    crumbs: [{ text: resources.subscriptions, to: "/portal/subscriptions" }],
    sections: [{ sections: [overviewSection(base), accessSection(base)] }],
  };
}

function groupPlace({ subscriptionId = "", group = "" }: Params): Place {
  const base = `/portal/resource-groups/${enc(subscriptionId)}/${enc(group)}`;
  return {
    kind: "resourceGroup",
    scope: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
    name: group,
    kindText: resources.resourceGroup,
    icon: "group",
    base,
    crumbs: [{ text: resources.resourceGroups, to: "/portal/resource-groups" }],
    sections: [{ sections: [overviewSection(base), accessSection(base)] }],
  };
}

function accountPlace(params: Params): Place {
  const { subscriptionId = "", group = "", account = "" } = params;
  const base = `/portal/storage-accounts/${enc(subscriptionId)}/${enc(group)}/${enc(account)}`;
  const above = groupPlace(params);
  return {
    kind: "storageAccount",
    scope: `${above.scope}/providers/Microsoft.Storage/storageAccounts/${account}`,
    name: account,
    kindText: resources.storageAccount,
    icon: "storage",
    base,
    crumbs: [...above.crumbs, { text: group, to: above.base }],
    sections: [
      { sections: [overviewSection(base), accessSection(base)] },
      {
        title: resources.sections.dataStorage,
        sections: [{ key: "containers", text: resources.sections.containers, icon: "group", to: `${base}/containers` }],
      },
    ],
  };
}

function containerPlace(params: Params): Place {
  const { container = "", account = "" } = params;
  const above = accountPlace(params);
  const base = `${above.base}/containers/${enc(container)}`;
  return {
    kind: "container",
    scope: `${above.scope}/blobServices/default/containers/${container}`,
    name: container,
    kindText: resources.container,
    icon: "group",
    base,
    crumbs: [
      ...above.crumbs,
      { text: account, to: above.base },
      { text: resources.containers, to: `${above.base}/containers` },
    ],
    sections: [{ sections: [overviewSection(base), accessSection(base)] }],
  };
}

/** What kind of place a scope is, in words. */
export function kindOfScope(scope: string): string {
  const { kinds } = access;
  if (scope === "/") return kinds.root;
  if (/^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(scope)) return kinds.managementGroup;
  if (/^\/subscriptions\/[^/]+$/i.test(scope)) return kinds.subscription;
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(scope)) return kinds.resourceGroup;
  if (/\/storageAccounts\/[^/]+$/i.test(scope)) return kinds.storageAccount;
  return /\/containers\/[^/]+$/i.test(scope) ? kinds.container : kinds.resource;
}

/** A subscription's name for people; its id when it is not seen. */
export async function subscriptionName(subscriptionId: string): Promise<string> {
  const found = (await listSubscriptions()).find((one) => one.subscriptionId === subscriptionId);
  return found?.displayName ?? subscriptionId;
}
