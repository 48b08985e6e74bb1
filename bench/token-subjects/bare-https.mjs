/** What any server in Node could do at most here: node:https that reads the form and answers with as many bytes as a token has. Says `ready PORT`. */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [, , folder] = process.argv;
const body = JSON.stringify({ token_type: "Bearer", expires_in: 3599, access_token: "x".repeat(1350) });
const options = { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) };
const server = createServer(options, (request, response) => {
  request.on("data", () => {});
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
