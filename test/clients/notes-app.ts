/**
 * What the example apps do, the same in every language: what the script prints, and what the web app answers.
 */
import assert from "node:assert/strict";

/** The lines that the script prints on an account where it has the role, the first time. */
export function scriptLines(account: string): string[] {
  return [
    `made the container notes in ${account}`,
    "wrote notes/hello.txt (26 bytes)",
    "read  notes/hello.txt: Hello from outside Azure.",
    "listed notes: hello.txt",
  ];
}

/** Stores a note in the web app at `url`, reads it back, lists, and asks for one that is not there. */
export async function exerciseNotes(url: string): Promise<void> {
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}/${path}`, init);
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await ask("first%20note", { method: "PUT", body: "kept in a blob" }), [201, "stored\n"]);
  assert.deepEqual(await ask("first%20note"), [200, "kept in a blob"]);
  assert.deepEqual(await ask(""), [200, "first note\n"]);
  assert.deepEqual(await ask("second"), [404, "404 BlobNotFound"]);
  assert.equal((await ask("first%20note", { method: "DELETE" }))[0], 405);
}
