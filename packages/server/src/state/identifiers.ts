/**
 * The identifiers of the directory, branded: an application's object id, its appId and its service principal's object id
 * are three different things that all look like GUIDs, and mixing them up is the classic mistake of this field.
 */
declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** A lower-case GUID of unknown meaning, e.g. a keyId or a role assignment's name. */
export type Guid = Brand<"Guid">;
export type TenantId = Brand<"TenantId">;
export type SubscriptionId = Brand<"SubscriptionId">;
/** An application's (client) id: what AZURE_CLIENT_ID holds. */
export type AppId = Brand<"AppId">;
/** The object id of an application, the key of Graph's /applications/{id}. */
export type ApplicationObjectId = Brand<"ApplicationObjectId">;
export type ServicePrincipalObjectId = Brand<"ServicePrincipalObjectId">;
export type UserObjectId = Brand<"UserObjectId">;
export type GroupObjectId = Brand<"GroupObjectId">;
/** Whatever a role can be assigned to. */
export type PrincipalId = ServicePrincipalObjectId | UserObjectId | GroupObjectId;

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(text: unknown): text is string {
  return typeof text === "string" && guidPattern.test(text);
}

/**
 * Reads a GUID from outside into one of the branded kinds; the caller knows which by where it stood.
 * @returns the GUID in lower case, or undefined when the text is not one.
 */
export function parseGuid<Kind extends string = Guid>(text: unknown): Kind | undefined {
  return isGuid(text) ? (text.toLowerCase() as Kind) : undefined;
}
