/**
 * The world of the decision benchmark: 20 subscriptions, 2,000 resource groups with a storage account of 10 containers each, 200,000 principals of
 * which 20,000 are groups, nested three deep, and as many role assignments as asked for. Everything is a function of its number, so that every
 * engine is told the same without any of it being kept.
 */
import { checkRole } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";

export const subscriptionCount = 20;
export const resourceGroupCount = 2000;
export const containersPerGroup = 10;
export const peopleCount = 180_000;
const groupCounts = { inner: 16_000, middle: 3_600, outer: 400 } as const;
const firstGroup = peopleCount;
const firstMiddle = firstGroup + groupCounts.inner;
const firstOuter = firstMiddle + groupCounts.middle;
/** People and groups. */
export const principalCount = firstOuter + groupCounts.outer;

const storage = "Microsoft.Storage/storageAccounts";
const blobs = `${storage}/blobServices/containers/blobs`;
export const operations: readonly { readonly name: string; readonly isDataAction: boolean }[] = [
  { name: `${blobs}/read`, isDataAction: true },
  { name: `${blobs}/write`, isDataAction: true },
  { name: `${blobs}/delete`, isDataAction: true },
  { name: `${blobs}/tags/write`, isDataAction: true },
  { name: `${storage}/blobServices/containers/read`, isDataAction: false },
  { name: `${storage}/listKeys/action`, isDataAction: false },
  { name: "Microsoft.Resources/subscriptions/resourceGroups/read", isDataAction: false },
  { name: "Microsoft.Authorization/roleAssignments/write", isDataAction: false },
];

/** Roles that are given, and to how many assignments of 20. */
const givenRoles: readonly (readonly [name: string, share: number])[] = [
  ["Storage Blob Data Reader", 7],
  ["Storage Blob Data Contributor", 5],
  ["Storage Blob Data Owner", 1],
  ["Reader", 3],
  ["Contributor", 2],
  ["Storage Account Contributor", 1],
  ["Role Based Access Control Administrator", 1],
];
export const roles = givenRoles.map(([name]) => builtinRoles.find(({ roleName }) => roleName === name)!);
const roleDraws = givenRoles.flatMap(([, share], role) => Array.from({ length: share }, () => role));
/** For each role the places in `operations` that it grants. */
export const grantsOf: readonly (readonly number[])[] = roles.map(({ permissions }) =>
  operations.flatMap(({ name, isDataAction }, place) =>
    checkRole(permissions, name, isDataAction) === "granted" ? [place] : [],
  ),
);

/** Names of containers that conditions ask for, and how many different conditions there are. */
const conditionCount = 200;

/** A well-mixed 32-bit number from two. */
function mix(seed: number, salt: number): number {
  let hash = Math.imul(seed ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function pick(seed: number, salt: number, count: number): number {
  return Math.floor((mix(seed, salt) / 2 ** 32) * count);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** A GUID from a number; a string of its own each time. */
export function guid(number: number, kind: number): string {
  const [a, b, c] = [hex(mix(number, kind)), hex(mix(number, kind + 101)), hex(mix(number, kind + 202))];
  return `${hex(number)}-${a.slice(0, 4)}-4${a.slice(5, 8)}-8${b.slice(1, 4)}-${b.slice(4)}${c}`;
}

export const principalId = (principal: number): string => guid(principal, 1);
export const assignmentId = (assignment: number): string => guid(assignment, 2);
export const subscriptionId = (subscription: number): string => guid(subscription, 3);

/** The group that a person or a group is in, or -1: each is in one. */
export function groupOf(principal: number): number {
  if (principal < firstGroup) return firstGroup + (principal % groupCounts.inner);
  if (principal < firstMiddle) return firstMiddle + ((principal - firstGroup) % groupCounts.middle);
  return principal < firstOuter ? firstOuter + ((principal - firstMiddle) % groupCounts.outer) : -1;
}

/** Somebody in a group, at any depth, or the person itself. */
function personIn(principal: number, seed: number): number {
  let at = principal;
  if (at >= firstOuter) at = firstMiddle + spread(at - firstOuter, groupCounts.outer, groupCounts.middle, seed);
  if (at >= firstMiddle) at = firstGroup + spread(at - firstMiddle, groupCounts.middle, groupCounts.inner, seed);
  if (at >= firstGroup) at = spread(at - firstGroup, groupCounts.inner, peopleCount, seed);
  return at;
}

/** One of the numbers below `count` whose rest by `step` is `rest`. */
function spread(rest: number, step: number, count: number, seed: number): number {
  return rest + step * pick(seed, 7, Math.ceil((count - rest) / step));
}

/** Places, as numbers: a container (or -1) of a resource group (or -1) of a subscription; `isAccount` for the account itself. */
export type Place = {
  readonly subscription: number;
  readonly group: number;
  readonly container: number;
  readonly isAccount: boolean;
};

const inSubscription = (group: number): number => group % subscriptionCount;

/** The scope's text; a string of its own each time. */
export function scopeText({ subscription, group, container, isAccount }: Place): string {
  const above = `/subscriptions/${subscriptionId(subscription)}`;
  if (group < 0) return above;
  const resourceGroup = `${above}/resourceGroups/rg-${group}`;
  if (container < 0 && !isAccount) return resourceGroup;
  const account = `${resourceGroup}/providers/Microsoft.Storage/storageAccounts/account${group}`;
  return isAccount ? account : `${account}/blobServices/default/containers/container${container}`;
}

export type WorldAssignment = { readonly principal: number; readonly role: number; readonly place: Place };

/** The role assignment of a number. Four in five are people's own; most are at a container, some high up. */
export function assignmentOf(number: number): WorldAssignment {
  const isPerson = pick(number, 11, 5) < 4;
  const principal = isPerson
    ? pick(number, 12, peopleCount)
    : firstGroup + pick(number, 12, principalCount - firstGroup);
  const level = pick(number, 13, 100);
  const group = level < 2 ? -1 : pick(number, 14, resourceGroupCount);
  const place: Place = {
    subscription: group < 0 ? pick(number, 15, subscriptionCount) : inSubscription(group),
    group,
    container: level < 30 ? -1 : pick(number, 16, containersPerGroup),
    isAccount: level >= 20 && level < 30,
  };
  return { principal, role: roleDraws[pick(number, 17, roleDraws.length)]!, place };
}

/** What a condition asks of reads, by its number: this container, or blobs below this folder. */
export function conditionOf(assignment: number): { readonly container: string } | { readonly folder: string } {
  const number = pick(assignment, 18, conditionCount);
  return number % 2 === 0
    ? { container: `container${(number >> 1) % containersPerGroup}` }
    : { folder: `folder${number >> 1}/` };
}

/** The condition as the portal writes it. */
export function conditionText(assignment: number): string {
  const asked = conditionOf(assignment);
  const requirement =
    "container" in asked
      ? `@Resource[${storage}/blobServices/containers:name] StringEquals '${asked.container}'`
      : `@Resource[${blobs}:path] StringLike '${asked.folder}*'`;
  return `((!(ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'}) AND !(ActionMatches{'${blobs}/write'}) AND !(ActionMatches{'${blobs}/delete'})) OR (${requirement}))`;
}

export type WorldQuestion = {
  readonly principal: number;
  readonly operation: number;
  readonly place: Place;
  /** The blob asked for, where conditions are looked at. */
  readonly path: string;
};

/**
 * Draws a question. Every second is about somebody, anybody, and a place, any place: most of these are denied. The others are about somebody who
 * holds an assignment, itself or by a group up to three above it, at a place at or below the assignment's.
 */
export function questionOf(number: number, assignmentCount: number): WorldQuestion {
  const isRandom = number % 2 === 0;
  const assignment = pick(number, 21, assignmentCount);
  const held = isRandom ? null : assignmentOf(assignment);
  const principal = held === null ? pick(number, 22, peopleCount) : personIn(held.principal, mix(number, 23));
  const granted =
    held === null || pick(number, 24, 8) === 0 ? operations.map((_, place) => place) : grantsOf[held.role]!;
  const operation = granted[pick(number, 25, granted.length)]!;
  const place = placeBelow(held?.place ?? null, operations[operation]!.isDataAction, number);
  const asked = conditionOf(assignment);
  const isInFolder = held !== null && "folder" in asked && pick(number, 30, 4) > 0;
  return { principal, operation, place, path: isInFolder ? `${asked.folder}blob.txt` : "other/blob.txt" };
}

/** Data is at containers; the rest is asked at all levels. */
function placeBelow(held: Place | null, isDataAction: boolean, number: number): Place {
  const level = isDataAction ? 99 : pick(number, 26, 100);
  const isSubscription = (held === null || held.group < 0) && level < 10;
  const subscription = held?.subscription ?? pick(number, 27, subscriptionCount);
  if (isSubscription) return { subscription, group: -1, container: -1, isAccount: false };
  const drawn = pick(number, 28, resourceGroupCount / subscriptionCount) * subscriptionCount + subscription;
  const group = held === null || held.group < 0 ? drawn : held.group;
  const isGroup = held === null || (held.container < 0 && !held.isAccount);
  if (isGroup && level < 40) return { subscription, group, container: -1, isAccount: false };
  const container = held === null || held.container < 0 ? pick(number, 29, containersPerGroup) : held.container;
  return { subscription, group, container, isAccount: false };
}
