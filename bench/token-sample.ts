/** Some tokens of a token endpoint, to look at: a load that looks at each would be the slower for it. */
import { Agent as PlainAgent, request as requestPlain } from "node:http";
import { request as requestTls, Agent as TlsAgent } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

export type TokenPlace = {
  readonly port: number;
  readonly isTls: boolean;
  readonly path: string;
  readonly body: string;
};

/** @returns so many tokens, one asked for after the other with a pause in milliseconds between. */
export async function tokensOf(place: TokenPlace, count: number, pauseMs: number): Promise<string[]> {
  const agent = place.isTls ? new TlsAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
  const tokens: string[] = [];
  while (tokens.length < count) {
    tokens.push(await tokenOf(place, agent));
    await pause(pauseMs);
  }
  agent.destroy();
  return tokens;
}

function tokenOf({ port, isTls, path, body }: TokenPlace, agent: PlainAgent | TlsAgent): Promise<string> {
  const headers = { host: `localhost:${port}`, "content-type": "application/x-www-form-urlencoded" };
  const options = { host: "127.0.0.1", port, path, method: "POST", headers, agent, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const sent = (isTls ? requestTls : requestPlain)({ ...options, servername: "localhost" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const token = (JSON.parse(text) as { readonly access_token?: string }).access_token;
        if (answer.statusCode === 200 && token !== undefined) resolve(token);
        else reject(new Error(`the answer was no token: ${answer.statusCode}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
