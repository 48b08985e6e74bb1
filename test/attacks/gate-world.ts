/**
 * The place that the attacks on the Blob service are tried in: two accounts with a container that is open to one app and one that is closed, and the
 * three ways there: the account's own name, the path below localhost, the name through the proxy. What is kept there is looked at in the end.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  type BlobSASSignatureValues,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import {
  type Answer,
  type Ask,
  assignRole,
  createAccount,
  createApp,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";
import { sendThroughTunnel } from "../support/tunnel-client.ts";

export const [account, other] = ["gateone", "gatetwo"] as const;
export const secret = "kept-behind-the-gate";
export const openText = "for all to read";
export const version = { "x-ms-version": "2025-07-05" };
export const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const hour = 3_600_000;
export const [past, soon] = [new Date(Date.now() - hour), new Date(Date.now() + hour)];
export const armKeys = "api-version=2023-01-01";

export type Way = "by its name" | "by the path" | "through the proxy";
export const ways: readonly Way[] = ["by its name", "by the path", "through the proxy"];

export function hostOf(name: string): string {
  return `${name}.blob.core.windows.net`;
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const everything = { permissions: ContainerSASPermissions.parse("racwdxltfi") };

/** What a refusal is: a client's fault, without the secret in it. */
export function assertRefused({ status, text }: Answer, what: string): void {
  assert.ok((status >= 400 && status < 500) || status === 501, `${what}: ${status} ${text}`);
  assert.ok(!text.includes(secret), what);
}

export class GateWorld {
  readonly cloud: TestCloud;
  readonly accountId: string;
  readonly keys = new Map<string, string>();
  readonly #ca: string;
  #operatorToken = "";
  /** May write in /open, and nothing else. */
  writerToken = "";
  writerPrincipal = "";

  private constructor(cloud: TestCloud, accountId: string) {
    this.cloud = cloud;
    this.accountId = accountId;
    this.#ca = readFileSync(cloud.client.status.caBundle, "utf8");
  }

  static async start(): Promise<GateWorld> {
    const cloud = await startTestCloud();
    const world = new GateWorld(cloud, await createAccount(cloud.client, "gates", account));
    await createAccount(cloud.client, "gates", other);
    await world.#fill();
    return world;
  }

  async #fill(): Promise<void> {
    const { cloud, accountId } = this;
    const { client } = cloud;
    const group = accountId.split("/providers/")[0]!;
    const operator = JSON.parse(readFileSync(`${cloud.status.stateDir}/operator.json`, "utf8")) as { clientId: string };
    const { id } = cloud.model.servicePrincipals.findOne("appId", operator.clientId as never)!;
    await assignRole(client, randomUUID(), group, roleIds.blobDataOwner, id);
    this.#operatorToken = await client.operatorToken("blob");
    const writer = await createApp(client, "gate-writer");
    this.writerPrincipal = writer.principalId;
    const open = `${accountId}/blobServices/default/containers/open`;
    await assignRole(client, randomUUID(), open, roleIds.blobDataContributor, writer.principalId);
    this.writerToken = await client.token(writer.appId, writer.secret, planeScopes.blob);
    for (const name of [account, other]) {
      const path = `${accountId.slice(0, accountId.lastIndexOf("/"))}/${name}/listKeys?${armKeys}`;
      const listed = (await client.must("arm", "POST", path)) as { keys: { value: string }[] };
      this.keys.set(name, listed.keys[0]!.value);
      for (const container of ["open", "closed"]) {
        await this.must("PUT", `/${container}?restype=container`, {}, name);
        const body = container === "open" && name === account ? openText : secret;
        await this.must("PUT", `/${container}/letter`, { headers: blockBlob, body }, name);
      }
    }
  }

  send(way: Way, method: string, target: string, { headers = {}, body }: Ask = {}, at: string = account) {
    const { client, status } = this.cloud;
    const ask: Ask = { headers: { ...version, ...headers }, ...(body === undefined ? {} : { body }) };
    if (way === "by its name") return client.send(hostOf(at), method, target, ask);
    if (way === "by the path") return client.send("localhost", method, `/${at}${target}`, ask);
    return sendThroughTunnel(status, this.#ca, hostOf(at), method, target, ask);
  }

  /** As the operator, who may everything. */
  async must(method: string, target: string, ask: Ask = {}, at: string = account): Promise<Answer> {
    const headers = { ...bearer(this.#operatorToken), ...ask.headers };
    const answer = await this.send("by its name", method, target, { ...ask, headers }, at);
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
    return answer;
  }

  credential(of: string = account): StorageSharedKeyCredential {
    return new StorageSharedKeyCredential(of, this.keys.get(of)!);
  }

  sas(values: Partial<BlobSASSignatureValues>, of: string = account): string {
    const whole = { containerName: "open", expiresOn: soon, ...values } as BlobSASSignatureValues;
    return generateBlobSASQueryParameters(whole, this.credential(of)).toString();
  }

  /** Sees that nothing that is kept was changed, and ends it. */
  async end(): Promise<void> {
    try {
      for (const [at, container] of [
        [account, "closed"],
        [other, "closed"],
        [other, "open"],
      ] as const) {
        assert.equal((await this.must("GET", `/${container}/letter`, {}, at)).text, secret, `${at}/${container}`);
        const { text } = await this.must("GET", `/${container}?restype=container&comp=list`, {}, at);
        assert.equal(text.match(/<Blob>/g)?.length, 1, `${at}/${container} holds something else`);
      }
      assert.equal((await this.must("GET", "/open/letter")).text, openText, "open/letter");
    } finally {
      await this.cloud.dispose();
    }
  }
}
