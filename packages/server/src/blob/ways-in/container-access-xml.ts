/**
 * Stored access policies as Set and Get Container ACL write them.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/set-container-acl
 */
import type { ContainerAccess } from "../engine/model.ts";
import { StorageError } from "../errors.ts";
import { maxPolicies, maxPolicyIdLength } from "../limits.ts";
import { element, xmlDeclaration } from "../xml.ts";
import { childOf, readXml } from "../xml-reader.ts";
import { readMoment } from "./signed-parameters.ts";

type Policy = ContainerAccess["policies"][number];

/** The letters of permissions, in the order that they are kept in. Source as above. */
const permissionPattern = /^r?a?c?w?d?x?y?l?t?f?m?e?o?p?i?$/;

/** @throws StorageError `InvalidXmlDocument`, `InvalidXmlNodeValue`. */
export function readPolicies(body: Buffer): Policy[] {
  if (body.length === 0) return [];
  const root = readXml(body);
  if (root.name !== "SignedIdentifiers") throw new StorageError("InvalidXmlDocument");
  if (root.children.length > maxPolicies) throw new StorageError("InvalidXmlDocument");
  const policies = root.children.map((child): Policy => {
    if (child.name !== "SignedIdentifier") throw new StorageError("InvalidXmlDocument");
    const id = childOf(child, "Id")?.text ?? "";
    if (id === "" || id.length > maxPolicyIdLength) throw invalidNode("Id", id);
    const policy = childOf(child, "AccessPolicy");
    const part = (name: string): string | null => (policy && childOf(policy, name)?.text) || null;
    const permissions = part("Permission");
    if (permissions !== null && !permissionPattern.test(permissions)) throw invalidNode("Permission", permissions);
    return { id, start: readTime("Start", part("Start")), expiry: readTime("Expiry", part("Expiry")), permissions };
  });
  if (new Set(policies.map(({ id }) => id)).size !== policies.length) throw invalidNode("Id", "");
  return policies;
}

function readTime(name: string, text: string | null): string | null {
  if (text === null) return null;
  try {
    readMoment(name, text);
  } catch {
    throw invalidNode(name, text);
  }
  return text;
}

function invalidNode(name: string, value: string): StorageError {
  return new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: name, XmlNodeValue: value } });
}

export function writePolicies(policies: readonly Policy[]): string {
  const written = policies.map(({ id, start, expiry, permissions }) => {
    const parts = [
      start === null ? "" : element("Start", start),
      expiry === null ? "" : element("Expiry", expiry),
      permissions === null ? "" : element("Permission", permissions),
    ];
    return `<SignedIdentifier>${element("Id", id)}<AccessPolicy>${parts.join("")}</AccessPolicy></SignedIdentifier>`;
  });
  return `${xmlDeclaration}<SignedIdentifiers>${written.join("")}</SignedIdentifiers>`;
}
