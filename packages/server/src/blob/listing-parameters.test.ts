import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialSurface } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

test("a listing starts and ends at names, page by page as in one", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  for (const name of ["a", "b/1", "b/2", "c", "d"]) {
    await send("PUT", `/box/${name}`, { headers: blockBlob, body: "x" });
  }
  const list = async (query: string): Promise<string[]> =>
    [...(await send("GET", `/box?restype=container&comp=list${query}`)).text.matchAll(/<Name>([^<]*)</g)].map(
      ([, name]) => name!,
    );
  assert.deepEqual(await list("&startFrom=b/2"), ["b/2", "c", "d"]);
  assert.deepEqual(await list("&endBefore=c"), ["a", "b/1", "b/2"]);
  assert.deepEqual(await list("&startFrom=b&endBefore=c"), ["b/1", "b/2"]);
  assert.deepEqual(await list("&endBefore=b/2&delimiter=/"), ["a", "b/"]);
  assert.deepEqual(await list("&endBefore=b/2&prefix=b/"), ["b/1"]);
  assert.deepEqual(await list("&endBefore=a"), []);
  const first = await send("GET", "/box?restype=container&comp=list&endBefore=d&maxresults=3");
  const marker = /<NextMarker>([^<]+)</.exec(first.text)?.[1];
  assert.deepEqual(await list(`&endBefore=d&maxresults=3&marker=${marker}`), ["c"]);
});

test("one kind of item alone is shown where the account tells them apart", async (test) => {
  const { send } = await startTrialSurface(test);
  const account = "nested";
  await send("PUT", "/box?restype=container", { account });
  for (const name of ["file", "folder/file", "gone"]) {
    await send("PUT", `/box/${name}`, { account, headers: blockBlob, body: "x" });
  }
  await send("DELETE", "/box/gone", { account });
  const list = (query: string, at = account) =>
    send("GET", `/box?restype=container&comp=list&delimiter=/${query}`, { account: at });
  const namesOf = ({ text }: { text: string }) => [...text.matchAll(/<Name>([^<]*)</g)].map(([, name]) => name);
  assert.deepEqual(namesOf(await list("&showonly=files")), ["file"]);
  assert.deepEqual(namesOf(await list("&showonly=directories")), ["folder/"]);
  const deleted = await list("&showonly=deleted");
  assert.deepEqual(namesOf(deleted), ["gone"]);
  assert.match(deleted.text, /<Deleted>true<\/Deleted>/);
  await send("PUT", "/box?restype=container");
  for (const [query, at] of [
    ["&showonly=everything", account],
    ["&showonly=deleted&include=deleted", account],
    ["&showonly=files", "acct"],
  ] as const) {
    const got = await list(query, at);
    assert.deepEqual([got.status, got.code], [400, "InvalidQueryParameterValue"], query);
  }
});
