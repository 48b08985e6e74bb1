/** An app signs in by a certificate. @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials */

import { readTextFile } from "#host";
import { ASSERTION_ERRORS } from "./aadsts.ts";
import { tokenEndpoint } from "./authority.ts";
import { type Certificate, readCertificate, signAssertion } from "./certificate.ts";
import { ASSERTION_TYPE } from "./client-assertion-credential.ts";
import { type Ask, EntraCredential, requireValues } from "./entra-credential.ts";
import { CredentialError, misconfigured } from "./errors.ts";
import type { AccessToken, TokenCredentialOptions } from "./token-credential.ts";

/** Entra's answer to an assertion whose times are not its own. */
const WRONG_TIME = 700024;

export interface ClientCertificateCredentialOptions extends TokenCredentialOptions {
  /** Sends the whole chain, for apps that trust a subject name and issuer. */
  sendCertificateChain?: boolean;
}

export type ClientCertificatePEMCertificatePath = { certificatePath: string; certificatePassword?: string };
export type ClientCertificatePEMCertificate = { certificate: string; certificatePassword?: string };
export type ClientCertificateCredentialPEMConfiguration =
  | ClientCertificatePEMCertificate
  | ClientCertificatePEMCertificatePath;

/** Signs assertions, with the server's clock once that is known to differ. */
export class AssertionSigner {
  readonly #credential: string;
  readonly #source: Partial<ClientCertificatePEMCertificate & ClientCertificatePEMCertificatePath>;
  readonly #hasChain: boolean;
  #certificate: Promise<Certificate> | undefined;
  #skewMs = 0;

  constructor(credential: string, source: ClientCertificateCredentialPEMConfiguration, hasChain: boolean) {
    this.#credential = credential;
    this.#source = source;
    this.#hasChain = hasChain;
  }

  async #read(): Promise<Certificate> {
    const { certificate, certificatePath, certificatePassword } = this.#source;
    let pem = certificate;
    if (pem === undefined) {
      try {
        pem = await readTextFile(certificatePath!);
      } catch (error) {
        if (error instanceof CredentialError) throw error;
        const code = (error as { code?: string }).code ?? "";
        throw misconfigured(this.#credential, `The certificate's file ${certificatePath} cannot be read (${code}).`);
      }
    }
    return readCertificate(this.#credential, pem, certificatePassword);
  }

  /** Calls `request` with an assertion; once more, by the server's clock, when it says that the times are wrong. */
  async withAssertion<T>(clientId: string, audience: string, request: (assertion: string) => Promise<T>): Promise<T> {
    this.#certificate ??= this.#read();
    this.#certificate.catch(() => {
      this.#certificate = undefined;
    });
    const certificate = await this.#certificate;
    const sign = () => {
      const now = Math.floor((Date.now() + this.#skewMs) / 1000);
      return signAssertion(certificate, { clientId, audience, now, hasChain: this.#hasChain });
    };
    try {
      return await request(await sign());
    } catch (error) {
      const serverTime = Date.parse((error as { serverTime?: string }).serverTime ?? "");
      if (!(error instanceof CredentialError) || error.aadsts !== WRONG_TIME || !serverTime) throw error;
      this.#skewMs = serverTime - Date.now();
      return request(await sign());
    }
  }
}

export class ClientCertificateCredential extends EntraCredential {
  protected override readonly errorTable = ASSERTION_ERRORS;
  readonly #signer: AssertionSigner;

  /** @param certificate the path of a PEM file, or the PEM or path in an object, with the key's password. */
  constructor(
    tenantId: string,
    clientId: string,
    certificate: string | ClientCertificateCredentialPEMConfiguration,
    options: ClientCertificateCredentialOptions = {},
  ) {
    const name = "ClientCertificateCredential";
    requireValues(name, { tenantId, clientId });
    const source = typeof certificate === "string" ? { certificatePath: certificate } : certificate;
    if (!source || !("certificate" in source ? source.certificate : source.certificatePath)) {
      throw misconfigured(name, "Neither certificate nor certificatePath was given.");
    }
    super(name, tenantId, clientId, options, [JSON.stringify(source)]);
    this.#signer = new AssertionSigner(name, source, options.sendCertificateChain === true);
  }

  protected override acquire(ask: Ask): Promise<AccessToken> {
    const audience = tokenEndpoint(this.authorityUrl, ask.tenantId);
    return this.#signer.withAssertion(this.ownClient, audience, (assertion) =>
      this.requestToken(ask, {
        grant_type: "client_credentials",
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion,
      }),
    );
  }
}
