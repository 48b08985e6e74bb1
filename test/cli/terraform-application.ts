/**
 * The provider azuread's application and its parts, made by the command line: each argument of its documentation is put at its place in Graph's application, and
 * one it has not is an error. May use: nothing.
 * @see https://registry.terraform.io/providers/hashicorp/azuread/latest/docs/resources/application
 */
import assert from "node:assert/strict";

type Json = Record<string, unknown>;
type Run = (...words: string[]) => Promise<Json>;

/** An argument's property in Graph; of a block, those of its own arguments. */
type Arguments = { readonly [argument: string]: string | Arguments };

const claim = {
  name: "name",
  source: "source",
  essential: "essential",
  additional_properties: "additionalProperties",
};
const redirects = { redirect_uris: "redirectUris" };

/** Blocks of which there is one, by the name of their object. */
const single: Readonly<Record<string, readonly [string, Arguments]>> = {
  web: ["web", { ...redirects, logout_url: "logoutUrl", homepage_url: "homePageUrl" }],
  single_page_application: ["spa", redirects],
  public_client: ["publicClient", redirects],
  api: ["api", { requested_access_token_version: "requestedAccessTokenVersion" }],
  optional_claims: ["optionalClaims", {}],
  implicit_grant: [
    "implicitGrantSettings",
    {
      id_token_issuance_enabled: "enableIdTokenIssuance",
      access_token_issuance_enabled: "enableAccessTokenIssuance",
    },
  ],
};

/** Blocks of which there are many, by the name of their list. */
const many: Readonly<Record<string, readonly [string, Arguments]>> = {
  app_role: [
    "appRoles",
    {
      id: "id",
      value: "value",
      display_name: "displayName",
      description: "description",
      enabled: "isEnabled",
      allowed_member_types: "allowedMemberTypes",
    },
  ],
  oauth2_permission_scope: [
    "oauth2PermissionScopes",
    {
      id: "id",
      value: "value",
      type: "type",
      enabled: "isEnabled",
      admin_consent_display_name: "adminConsentDisplayName",
      admin_consent_description: "adminConsentDescription",
      user_consent_display_name: "userConsentDisplayName",
      user_consent_description: "userConsentDescription",
    },
  ],
  required_resource_access: ["requiredResourceAccess", { resource_app_id: "resourceAppId" }],
  resource_access: ["resourceAccess", { id: "id", type: "type" }],
  id_token: ["idToken", claim],
  access_token: ["accessToken", claim],
};

const inside: Readonly<Record<string, readonly string[]>> = {
  web: ["implicit_grant"],
  api: ["oauth2_permission_scope"],
  optional_claims: ["id_token", "access_token"],
  required_resource_access: ["resource_access"],
};

const own: Arguments = {
  display_name: "displayName",
  sign_in_audience: "signInAudience",
  description: "description",
  notes: "notes",
  tags: "tags",
  identifier_uris: "identifierUris",
  fallback_public_client_enabled: "isFallbackPublicClient",
};

export const applicationArguments = [
  ...Object.keys(own),
  ...["web", "single_page_application", "public_client", "api", "optional_claims", "app_role"],
  "required_resource_access",
];

function toGraph(block: Json, known: Arguments, name: string): Json {
  return Object.fromEntries(
    Object.entries(block).map(([argument, value]) => {
      const property = known[argument];
      if (typeof property === "string") return [property, value];
      const isInside = name === "" || inside[name]?.includes(argument);
      const one = single[argument];
      const list = many[argument];
      assert.ok(isInside && (one ?? list) !== undefined, `${name} has no argument ${argument}`);
      const blocks = (value as Json[]).map((item) => toGraph(item, (one ?? list)![1], argument));
      if (one !== undefined) assert.equal(blocks.length, 1);
      return [(one ?? list)![0], one === undefined ? blocks : blocks[0]];
    }),
  );
}

function urlOf(objectId: string): string {
  return `https://graph.microsoft.com/v1.0/applications/${objectId}`;
}

async function patch(run: Run, objectId: string, body: Json): Promise<void> {
  await run("rest", "--method", "patch", "--url", urlOf(objectId), "--body", JSON.stringify(body));
}

export async function makeApplication(run: Run, block: Json): Promise<Json> {
  const made = await run("ad", "app", "create", "--display-name", String(block.display_name));
  await patch(run, String(made.id), toGraph(block, own, ""));
  // The provider's own form of an id.
  return { client_id: made.appId, object_id: made.id, id: `/applications/${String(made.id)}` };
}

/** A block of its own adds to what its application has. @param change the application as it is, as it becomes. */
function part(
  required: readonly string[],
  optional: readonly string[],
  change: (application: Json, block: Json) => Json,
) {
  const make = async (run: Run, block: Json) => {
    const objectId = String(block.application_id).replace("/applications/", "");
    await patch(run, objectId, change(await run("rest", "--url", urlOf(objectId)), block));
    return {};
  };
  return { required: ["application_id", ...required], optional, make };
}

export const applicationParts = {
  azuread_application_identifier_uri: part(["identifier_uri"], [], ({ identifierUris }, { identifier_uri: uri }) => ({
    identifierUris: [...(identifierUris as string[]), uri],
  })),
  azuread_application_redirect_uris: part(["type", "redirect_uris"], [], (_, { type, redirect_uris: redirectUris }) => {
    const platform = { Web: "web", SPA: "spa", PublicClient: "publicClient" }[String(type)];
    assert.ok(platform !== undefined, String(type));
    return { [platform]: { redirectUris } };
  }),
  azuread_application_api_access: part(["api_client_id"], ["role_ids", "scope_ids"], (application, block) => {
    const entries = (type: string, ids: unknown) => ((ids ?? []) as string[]).map((id) => ({ id, type }));
    const resourceAccess = [...entries("Scope", block.scope_ids), ...entries("Role", block.role_ids)];
    return {
      requiredResourceAccess: [
        ...(application.requiredResourceAccess as Json[]),
        { resourceAppId: block.api_client_id, resourceAccess },
      ],
    };
  }),
  azuread_application_pre_authorized: part(["authorized_client_id", "permission_ids"], [], ({ api }, block) => ({
    api: {
      preAuthorizedApplications: [
        ...((api as Json).preAuthorizedApplications as Json[]),
        { appId: block.authorized_client_id, delegatedPermissionIds: block.permission_ids },
      ],
    },
  })),
};
