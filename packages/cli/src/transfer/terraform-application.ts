/**
 * A registration as blocks of the provider azuread. What names a registration's ID (its own: `api://ID`; another's: its API) is a block of its own, for no block
 * may refer to itself, nor two to each other. Pure. May use: application-properties.ts, terraform-text.ts, inventory.ts.
 * @see https://registry.terraform.io/providers/hashicorp/azuread/latest/docs/resources/application
 */
import type { Json } from "../http/service-client.ts";
import { applicationMark, hasApplicationMark, valueAt, writeMarked } from "./application-properties.ts";
import type { RegisteredApplication } from "./inventory.ts";
import { type Add, type Labels, text } from "./terraform-text.ts";

/** How a value of Graph's is written; undefined leaves it out. */
type Write = (value: unknown) => unknown;

const asText: Write = (value) => (typeof value === "string" ? text(value) : value);
const asTexts: Write = (value) => (value as readonly string[]).map(text);
const asIs: Write = (value) => value;

/** Members of each object of a list, by their names in a block. */
function asBlocks(members: Readonly<Record<string, string>>): Write {
  return (value) =>
    (value as readonly Json[]).map((item) =>
      Object.fromEntries(
        Object.entries(members)
          .filter(([, from]) => item[from] !== undefined && item[from] !== null)
          .map(([name, from]) => [name, Array.isArray(item[from]) ? asTexts(item[from]) : asText(item[from])]),
      ),
    );
}

const asClaims = asBlocks({
  name: "name",
  source: "source",
  essential: "essential",
  additional_properties: "additionalProperties",
});

/** Where a property is, in Graph and in a block: `web.logout_url` is in the one block `web`. */
const places: readonly (readonly [string, string, Write])[] = [
  ["signInAudience", "sign_in_audience", asText],
  ["description", "description", asText],
  ["notes", "notes", asText],
  ["tags", "tags", asTexts],
  ["identifierUris", "identifier_uris", asTexts],
  ["isFallbackPublicClient", "fallback_public_client_enabled", asIs],
  ["groupMembershipClaims", "group_membership_claims", (value) => String(value).split(/\s*,\s*/)],
  ["optionalClaims.idToken", "optional_claims.id_token", asClaims],
  ["optionalClaims.accessToken", "optional_claims.access_token", asClaims],
  ["optionalClaims.saml2Token", "optional_claims.saml2_token", asClaims],
  ["web.homePageUrl", "web.homepage_url", asText],
  ["web.logoutUrl", "web.logout_url", asText],
  ["web.redirectUris", "web.redirect_uris", asTexts],
  ["web.implicitGrantSettings.enableIdTokenIssuance", "web.implicit_grant.id_token_issuance_enabled", asIs],
  ["web.implicitGrantSettings.enableAccessTokenIssuance", "web.implicit_grant.access_token_issuance_enabled", asIs],
  ["spa.redirectUris", "single_page_application.redirect_uris", asTexts],
  ["publicClient.redirectUris", "public_client.redirect_uris", asTexts],
  ["api.acceptMappedClaims", "api.mapped_claims_enabled", asIs],
  ["api.requestedAccessTokenVersion", "api.requested_access_token_version", asIs],
  ["api.knownClientApplications", "api.known_client_applications", asTexts],
  [
    "api.oauth2PermissionScopes",
    "api.oauth2_permission_scope",
    asBlocks({
      id: "id",
      value: "value",
      type: "type",
      enabled: "isEnabled",
      admin_consent_display_name: "adminConsentDisplayName",
      admin_consent_description: "adminConsentDescription",
      user_consent_display_name: "userConsentDisplayName",
      user_consent_description: "userConsentDescription",
    }),
  ],
  [
    "appRoles",
    "app_role",
    asBlocks({
      id: "id",
      value: "value",
      display_name: "displayName",
      description: "description",
      enabled: "isEnabled",
      allowed_member_types: "allowedMemberTypes",
    }),
  ],
  [
    "requiredResourceAccess",
    "required_resource_access",
    (value) =>
      (value as readonly Json[]).map(({ resourceAppId, resourceAccess }) => ({
        resource_app_id: resourceAppId,
        resource_access: asBlocks({ id: "id", type: "type" })(resourceAccess),
      })),
  ],
];

/** Blocks of their own, for what names a registration's ID: each one's type, label and arguments. */
type WriteApart = (value: unknown, fill: (words: string) => string) => readonly (readonly [string, string, Json])[];

const redirects =
  (type: string): WriteApart =>
  (value, fill) => [
    ["azuread_application_redirect_uris", type, { type, redirect_uris: (value as readonly string[]).map(fill) }],
  ];

const apart: Readonly<Record<string, WriteApart>> = {
  identifierUris: (value, fill) =>
    (value as readonly string[]).map(
      (uri) => ["azuread_application_identifier_uri", uri, { identifier_uri: fill(uri) }] as const,
    ),
  requiredResourceAccess: (value, fill) =>
    (value as readonly { resourceAppId: string; resourceAccess: readonly { id: string; type: string }[] }[]).map(
      ({ resourceAppId, resourceAccess }) => {
        const ids = (wanted: string) => resourceAccess.filter(({ type }) => type === wanted).map(({ id }) => id);
        const lists = { role_ids: ids("Role"), scope_ids: ids("Scope") };
        const given = Object.entries(lists).filter(([, list]) => list.length > 0);
        return [
          "azuread_application_api_access",
          resourceAppId,
          { api_client_id: fill(resourceAppId), ...Object.fromEntries(given) },
        ] as const;
      },
    ),
  "web.redirectUris": redirects("Web"),
  "spa.redirectUris": redirects("SPA"),
  "publicClient.redirectUris": redirects("PublicClient"),
  "api.preAuthorizedApplications": (value, fill) =>
    (value as readonly { appId: string; delegatedPermissionIds: readonly string[] }[]).map(
      ({ appId, delegatedPermissionIds }) =>
        [
          "azuread_application_pre_authorized",
          appId,
          { authorized_client_id: fill(appId), permission_ids: delegatedPermissionIds },
        ] as const,
    ),
};

/** @param clientIds references to registrations' IDs, by their marks. */
export function addApplication(
  app: RegisteredApplication,
  clientIds: ReadonlyMap<string, string>,
  labels: Labels,
  add: Add,
): void {
  const own = `azuread_application.${labels.of("azuread_application", app.displayName)}`;
  const fill = (words: string) => writeMarked(words, text, clientIds);
  const body: Json = { display_name: text(app.displayName) };
  const ignored: string[] = [];
  const leftOut: string[] = [];
  for (const [path, place, write] of places) {
    const value = valueAt(app.properties, path);
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (!hasApplicationMark(value)) put(body, place.split("."), write(value));
    else if (apart[path] === undefined) leftOut.push(path);
    // What a block of its own makes, the registration's block must not take away again.
    else ignored.push(place.split(".")[0]!);
  }
  if (ignored.length > 0) body.lifecycle = [{ ignore_changes: [...new Set(ignored)] }];
  if (leftOut.length > 0) body["//"] = `Left out, for it names a registration's ID: ${leftOut.join(", ")}`;
  add("azuread_application", app.displayName, body);
  for (const [path, write] of Object.entries(apart)) {
    const value = valueAt(app.properties, path);
    const isApart = hasApplicationMark(value) || !places.some(([known]) => known === path);
    if (value === undefined || !isApart) continue;
    for (const [type, name, block] of write(value, fill)) {
      const readable = name.replaceAll(applicationMark(app.displayName), "own");
      add(type, `${app.displayName}/${readable}`, { application_id: `\${${own}.id}`, ...block });
    }
  }
  addPrincipal(app, own, add);
}

/** Puts a value into the block within a block that its path names. */
function put(body: Json, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    body[name] = value;
    return;
  }
  body[name] ??= [{}];
  put((body[name] as Json[])[0]!, rest, value);
}

function addPrincipal(app: RegisteredApplication, own: string, add: Add): void {
  if (app.hasPrincipal) add("azuread_service_principal", app.displayName, { client_id: `\${${own}.client_id}` });
  for (const { name, issuer, subject, audiences } of app.federated) {
    add("azuread_application_federated_identity_credential", `${app.displayName}/${String(name)}`, {
      application_id: `\${${own}.id}`,
      display_name: text(String(name)),
      issuer: text(String(issuer)),
      subject: text(String(subject)),
      audiences,
    });
  }
}
