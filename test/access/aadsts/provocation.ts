/**
 * The ground on which Entra's errors are provoked: a server over the sample directory, a browser, and what an error looks like however it is told.
 * Owns: that. May use: the Entra surface's samples.
 */
import assert from "node:assert/strict";
import {
  appRequest,
  cliRequest,
  type Parameters,
  SampleClient,
} from "../../../packages/server/src/entra/authorize/sample-client.ts";
import { jwtBearer } from "../../../packages/server/src/entra/client-assertion.ts";
import { unescapeHtml } from "../../../packages/server/src/entra/sample-person.ts";
import {
  password,
  type SampleAnswer,
  type SampleServer,
  secrets,
} from "../../../packages/server/src/entra/sample-server.ts";
import { type Change, put, remove } from "../../../packages/server/src/state/change.ts";
import type {
  Application,
  PermissionScope,
  ServicePrincipal,
  User,
} from "../../../packages/server/src/state/entities.ts";
import type { Guid } from "../../../packages/server/src/state/identifiers.ts";
import { makeAssertion } from "../../../packages/server/src/tokens/sample-assertion.ts";
import {
  makeSampleCertificate,
  type SampleCertificate,
} from "../../../packages/server/src/tokens/sample-certificate.ts";
import { ids, sampleTime, user } from "../../../packages/server/src/tokens/sample-directory.ts";

/** An error as its reader gets it. */
export type Told = {
  readonly status: number;
  /** `page` for a person, `redirect` for a client by way of the browser. */
  readonly by: "body" | "redirect" | "page";
  /** undefined on a page. */
  readonly error: string | undefined;
  /** With the number before it and the trace after it; a page may show it without either. */
  readonly text: string;
};

export type Form = Readonly<Record<string, string>>;
export type Provoke = (ground: Ground) => Promise<Told>;

const guid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const stamp = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ";

export const scopes = {
  arm: "https://management.azure.com/.default",
  graph: "https://graph.microsoft.com/.default",
} as const;

export const secretForm: Form = {
  grant_type: "client_credentials",
  client_id: ids.app,
  client_secret: secrets.ofApplication,
  scope: scopes.arm,
};

/** A permission of the sample application's own API. */
export const ownScope: PermissionScope = {
  id: "77777777-0000-4000-8000-000000000003" as Guid,
  value: "Notes.Read",
  adminConsentDescription: "Read notes",
  adminConsentDisplayName: "Read notes",
  userConsentDescription: null,
  userConsentDisplayName: null,
  isEnabled: true,
  type: "User",
};

export const passwordForm: Form = {
  grant_type: "password",
  client_id: String(cliRequest.client_id),
  username: user.userPrincipalName,
  password,
  scope: scopes.arm,
};

export class Ground {
  readonly sample: SampleClient;
  readonly certificate: SampleCertificate;
  readonly stranger: SampleCertificate;
  readonly #rows: { readonly application: Application; readonly principal: ServicePrincipal; readonly user: User };

  private constructor(sample: SampleClient, certificate: SampleCertificate, stranger: SampleCertificate) {
    this.sample = sample;
    this.certificate = certificate;
    this.stranger = stranger;
    const { model } = sample.server.cloud;
    this.#rows = {
      application: model.applications.get(ids.appObject)!,
      principal: model.servicePrincipals.get(ids.appPrincipal)!,
      user: model.users.get(ids.user)!,
    };
  }

  static async open(): Promise<Ground> {
    const [sample, certificate, stranger] = await Promise.all([
      SampleClient.start(),
      makeSampleCertificate(),
      makeSampleCertificate({ name: "CN=stranger, O=Elsewhere" }),
    ]);
    return new Ground(sample, certificate, stranger);
  }

  get server(): SampleServer {
    return this.sample.server;
  }

  get person() {
    return this.sample.person;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** As it was at the start: the sample rows, no consent, no credential of an outside issuer, another browser. */
  async reset(): Promise<void> {
    this.sample.beginAnew();
    const { model } = this.server.cloud;
    const gone = [
      ...[...model.federatedIdentityCredentials.values()].map(({ id }) => remove("federatedIdentityCredential", id)),
      ...[...model.oauth2PermissionGrants.values()].map(({ id }) => remove("oauth2PermissionGrant", id)),
    ];
    const { application, principal, user: person } = this.#rows;
    const back = [put("application", application), put("servicePrincipal", principal), put("user", person)];
    await this.server.change(...gone, ...back);
  }

  change(...changes: Change[]): Promise<void> {
    return this.server.change(...changes);
  }

  changeApplication(more: Partial<Application>): Promise<void> {
    return this.change(put("application", { ...this.#rows.application, ...more }));
  }

  changePrincipal(more: Partial<ServicePrincipal>): Promise<void> {
    return this.change(put("servicePrincipal", { ...this.#rows.principal, ...more }));
  }

  changeUser(more: Partial<User>): Promise<void> {
    return this.change(put("user", { ...this.#rows.user, ...more }));
  }

  removePrincipal(): Promise<void> {
    return this.change(remove("servicePrincipal", ids.appPrincipal));
  }

  /** Moves the clock that far beyond the sample time. */
  waitSeconds(seconds: number): void {
    this.server.ports.time = new Date(sampleTime.getTime() + seconds * 1000);
  }

  /** Asks the token endpoint. */
  async token(
    form: Form,
    {
      tenant = ids.tenant as string,
      version = "v2.0/",
      headers = {},
    }: { tenant?: string; version?: string; headers?: Form } = {},
  ): Promise<Told> {
    return toldByBody(await this.server.post(`/${tenant}/oauth2/${version}token`, form, { headers }));
  }

  /** Asks the token endpoint for what there is to have. */
  async must(form: Form, version = "v2.0/") {
    const { status, body, text } = await this.server.post(`/${ids.tenant}/oauth2/${version}token`, form);
    assert.equal(status, 200, text);
    return body;
  }

  /** Sends the sample application to the token endpoint with an assertion in place of its secret. */
  assert(assertion: string): Promise<Told> {
    const { client_secret: _, ...form } = secretForm;
    return this.token({ ...form, client_assertion_type: jwtBearer, client_assertion: assertion });
  }

  /** An assertion of the sample application, signed with its certificate (which must be registered first). */
  ownAssertion(claims: object = {}, header: object = {}, signer = this.certificate): string {
    const seconds = this.server.ports.time.getTime() / 1000;
    const aud = `https://login.microsoftonline.com/${ids.tenant}/oauth2/v2.0/token`;
    const good = { aud, iss: ids.app, sub: ids.app, nbf: seconds, exp: seconds + 600 };
    return makeAssertion({ ...good, ...claims }, signer.privateKey, { x5t: signer.x5t, ...header });
  }

  /** Asks the authorization endpoint as the sample application does, and reads what the client is told. */
  async authorize(change: Parameters, request: Parameters = appRequest, tenant?: string): Promise<Told> {
    await this.sample.ask(request, change, tenant);
    return this.toldByBrowser();
  }

  /** What the browser shows, or takes to the client. */
  toldByBrowser(): Told {
    const { status, headers } = this.person.answer!;
    if (headers.location === undefined) return toldByPage(status, this.person.page);
    const { response } = this.person;
    return {
      status,
      by: "redirect",
      error: response.get("error") ?? undefined,
      text: response.get("error_description") ?? "",
    };
  }
}

/** An error in the form of the protocol; everything beside the text is judged here. */
export function toldByBody({ status, body, headers, text }: SampleAnswer): Told {
  assert.ok(body !== undefined && status >= 400, `no error: ${status} ${text}`);
  const [code] = body.error_codes;
  assert.deepEqual(body.error_codes, [code]);
  assert.match(body.timestamp, new RegExp(`^${stamp}$`));
  assert.match(body.trace_id, new RegExp(`^${guid}$`));
  assert.equal(headers["x-ms-request-id"], body.trace_id);
  assert.match(body.correlation_id, new RegExp(`^${guid}$`));
  assert.equal(body.error_uri, `https://login.microsoftonline.com/error?code=${code}`);
  assert.equal(headers["x-ms-clitelem"], `1,${code},0,,`);
  assert.equal(headers["cache-control"], "no-store, no-cache");
  return { status, by: "body", error: body.error, text: body.error_description };
}

function toldByPage(status: number, page: string): Told {
  const alert = /role="alert"[^>]*>([^<]*)</.exec(page)?.[1] ?? assert.fail(`no error on the page: ${page}`);
  return { status, by: "page", error: undefined, text: unescapeHtml(alert) };
}

/** The text of a code, without its number and its trace. @throws when it is another code's, or of no such form. */
export function textOf({ by, text }: Told, code: number): string {
  if (by === "page") return text.startsWith(`AADSTS${code}: `) ? text.slice(`AADSTS${code}: `.length) : text;
  const form = new RegExp(`^AADSTS${code}: (.+) Trace ID: ${guid} Correlation ID: ${guid} Timestamp: ${stamp}$`);
  return form.exec(text)?.[1] ?? assert.fail(`not the text of ${code}: ${text}`);
}
