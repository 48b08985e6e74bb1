// Writes one note, reads it back, lists all, and says what it did.
//   STORAGE_ACCOUNT=mystorage node app.ts        or        node app.ts mystorage

import { CONTAINER, createNotes, explain } from "./notes.ts";

const NAME = "hello.txt";
const TEXT = Buffer.from("Hello from outside Azure.\n");

async function walk(account: string): Promise<void> {
  const notes = createNotes(account);
  console.log(`${(await notes.open()) ? "made" : "found"} the container ${CONTAINER} in ${account}`);
  await notes.write(NAME, TEXT);
  console.log(`wrote ${CONTAINER}/${NAME} (${TEXT.length} bytes)`);
  console.log(`read  ${CONTAINER}/${NAME}: ${(await notes.read(NAME)).toString().trim()}`);
  console.log(`listed ${CONTAINER}: ${(await notes.names()).join(", ")}`);
}

const account = process.argv[2] ?? process.env.STORAGE_ACCOUNT;
if (!account) {
  console.error("Which storage account? Name it as the argument or in STORAGE_ACCOUNT.");
  process.exitCode = 2;
} else {
  await walk(account).catch((error: unknown) => {
    console.error(`refused: ${explain(error)}`);
    process.exitCode = 1;
  });
}
