/** oidc-provider with one client, whose tokens for one API are signed JWTs (RS256, RSA 2048), kept in its own memory. Says `ready PORT`. */
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const api = "https://api.example";
const provider = new Provider("http://localhost", {
  clients: [
    {
      client_id: "app",
      client_secret: "secret-secret-secret-secret-secret-40ch",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "one" }] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => api,
      getResourceServerInfo: () => ({
        scope: "read",
        accessTokenTTL: 3600,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});
const server = provider.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
