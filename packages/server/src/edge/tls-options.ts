/** What TLS is spoken with: versions, ciphers, and which certificate for which name. May use: node:tls. */
import { constants } from "node:crypto";
import { isIP } from "node:net";
import type { SecureContext, SecureContextOptions } from "node:tls";
import type { KeyPair } from "./certificate-issue.ts";

/**
 * The ciphers of both versions: authenticated encryption with forward secrecy only. Our keys are ECDSA's; no others could be negotiated.
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS#Intermediate_compatibility_.28recommended.29
 */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
].join(":");

/** TLS 1.2 is what Azure's own endpoints ask for. @see https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-minimum-version */
export function makeTlsOptions(leaf: KeyPair): SecureContextOptions {
  return {
    key: leaf.keyPem,
    cert: leaf.certificatePem,
    minVersion: "TLSv1.2",
    ciphers,
    // A client that asks for new keys over and over makes a server work for nothing; TLS 1.3 has no such thing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** @param name as the client asks for it (RFC 6066 section 3); some send an address there. @returns undefined for the server's own context. */
export function chooseContext(name: string, forNames: SecureContext): SecureContext | undefined {
  return name === "" || isIP(name) !== 0 ? undefined : forNames;
}
