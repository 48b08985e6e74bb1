/** oauth2-mock-server as its documentation starts it: one RSA key, no check of clients. Says `ready PORT`. */
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
await server.start(0, "127.0.0.1");
console.log(`ready ${server.address().port}`);
