/**
 * A bare HTTPS client for tests that must see exactly what is on the wire: reaches any plane by its own host name on the one local port.
 *
 * Owns: requests and operator tokens. May use: node:https; nothing of packages/.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";

/** What a server writes about itself into run/status.json. */
export type ServerStatus = {
  readonly baseUrl: string;
  readonly caBundle: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly stateDir: string;
  readonly pid: number;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type Ask = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export const planeHosts = {
  entra: "login.microsoftonline.com",
  graph: "graph.microsoft.com",
  arm: "management.azure.com",
  iam: "main.iam.ad.ext.azure.com",
} as const;

export const planeScopes = {
  graph: "https://graph.microsoft.com/.default",
  arm: "https://management.azure.com/.default",
  blob: "https://storage.azure.com/.default",
  iam: "74658136-14ec-4630-ad9b-26e160ff0fc6/.default",
} as const;

export class PlaneClient {
  readonly status: ServerStatus;
  readonly #agent: Agent;
  readonly #port: number;
  readonly #tokens = new Map<string, string>();

  /** @param maxSockets connections kept open at once. */
  constructor(status: ServerStatus, maxSockets = 64) {
    this.status = status;
    this.#port = Number(new URL(status.baseUrl).port);
    // On a busy machine a second is too little to close a connection before the server does, and a request that meets its end is lost.
    const agentKeepAliveTimeoutBuffer = 10_000;
    this.#agent = new Agent({
      keepAlive: true,
      agentKeepAliveTimeoutBuffer,
      maxSockets,
      ca: readFileSync(status.caBundle),
    });
  }

  /** Sends one request to a plane by its Azure host name. Rejects only when there is no answer. */
  send(host: string, method: string, target: string, { headers = {}, body }: Ask = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: this.#port,
          servername: host,
          agent: this.#agent,
          method,
          path: target,
          headers: { host, "content-length": String(body === undefined ? 0 : Buffer.byteLength(body)), ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({
              status: answer.statusCode!,
              headers: answer.headers,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Asks for an app-only token; @returns the whole answer. */
  askToken(
    clientId: string,
    clientSecret: string,
    scope: string,
    tenant: string = this.status.tenantId,
  ): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    });
    return this.send(planeHosts.entra, "POST", `/${tenant}/oauth2/v2.0/token`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
  }

  /** An app-only access token, which must be given. */
  async token(clientId: string, clientSecret: string, scope: string): Promise<string> {
    const answer = await this.askToken(clientId, clientSecret, scope);
    assert.equal(answer.status, 200, answer.text);
    return (JSON.parse(answer.text) as { access_token: string }).access_token;
  }

  /** The operator's token for a plane, asked for once. */
  async operatorToken(plane: keyof typeof planeScopes): Promise<string> {
    const kept = this.#tokens.get(plane);
    if (kept !== undefined) return kept;
    const operator = JSON.parse(readFileSync(join(this.status.stateDir, "operator.json"), "utf8")) as {
      clientId: string;
      clientSecret: string;
    };
    const token = await this.token(operator.clientId, operator.clientSecret, planeScopes[plane]);
    this.#tokens.set(plane, token);
    return token;
  }

  /** Calls Graph or Resource Manager as the operator with a JSON body. */
  async call(plane: "graph" | "arm", method: string, target: string, body?: object): Promise<Answer> {
    return this.send(planeHosts[plane], method, target, {
      headers: { authorization: `Bearer ${await this.operatorToken(plane)}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** As {@link call}, for a call that must succeed; @returns the parsed body, or undefined when there is none. */
  async must(plane: "graph" | "arm", method: string, target: string, body?: object): Promise<unknown> {
    const answer = await this.call(plane, method, target, body);
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.text === "" ? undefined : JSON.parse(answer.text);
  }

  close(): void {
    this.#agent.destroy();
  }
}

export const armVersion = "api-version=2022-09-01";
export const authorizationVersion = "api-version=2022-04-01";

/** Makes a resource group with one storage account in it, as the operator. @returns the account's ARM id. */
export async function createAccount(client: PlaneClient, group: string, account: string): Promise<string> {
  const groupId = `/subscriptions/${client.status.subscriptionId}/resourceGroups/${group}`;
  await client.must("arm", "PUT", `${groupId}?${armVersion}`, { location: "westeurope" });
  const accountId = `${groupId}/providers/Microsoft.Storage/storageAccounts/${account}`;
  const target = `${accountId}?${armVersion}`;
  await client.call("arm", "PUT", target, { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await client.call("arm", "GET", target);
    if (answer.status === 200 && JSON.parse(answer.text).properties.provisioningState === "Succeeded") return accountId;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`the account ${account} is not there`);
}

/** Registers an app with a secret. */
export async function createApp(client: PlaneClient, displayName: string) {
  const app = (await client.must("graph", "POST", "/v1.0/applications", { displayName })) as {
    id: string;
    appId: string;
  };
  const secret = (await client.must("graph", "POST", `/v1.0/applications/${app.id}/addPassword`, {
    passwordCredential: { displayName: "test" },
  })) as { secretText: string };
  const principal = (await client.must("graph", "POST", "/v1.0/servicePrincipals", { appId: app.appId })) as {
    id: string;
  };
  return { objectId: app.id, appId: app.appId, secret: secret.secretText, principalId: principal.id };
}

/** Assigns a role by its GUID. @returns the answer, whatever it is. */
export function assignRole(
  client: PlaneClient,
  name: string,
  scope: string,
  roleId: string,
  principalId: string,
): Promise<Answer> {
  const roleDefinitionId = `/subscriptions/${client.status.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
  return client.call(
    "arm",
    "PUT",
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${authorizationVersion}`,
    {
      properties: { roleDefinitionId, principalId, principalType: "ServicePrincipal" },
    },
  );
}

/** GUIDs of the built-in roles that tests name. */
export const roleIds = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  userAccessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  blobDataOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  blobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobDataReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
} as const;
