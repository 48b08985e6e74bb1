/** Whose the state folder is, and who may look into it. */
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FolderFault, openStateFolder } from "./state-folder.ts";

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-folder-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("it is made for its owner alone, and one that was open to others is closed, behind a link, too", (t) => {
  const parent = place(t);
  const wide = join(parent, "wide");
  mkdirSync(join(wide, "keys"), { recursive: true });
  for (const folder of [wide, join(wide, "keys")]) chmodSync(folder, 0o777);
  symlinkSync(wide, join(parent, "link"));
  for (const root of [join(parent, "new", "state"), join(parent, "link")]) {
    openStateFolder(root);
    for (const folder of [root, join(root, "keys"), join(root, "run")]) assert.equal(modeOf(folder), 0o700, folder);
  }
});

test("one that cannot be made is said with what to do", (t) => {
  const file = join(place(t), "file");
  writeFileSync(file, "");
  assert.throws(() => openStateFolder(join(file, "state")), {
    name: "Error",
    message: /^ENOTDIR: .*\/file\/state'?: name another folder with --state or \$POSTERN_STATE$/,
  });
  assert.throws(() => openStateFolder(join(file, "state")), FolderFault);
});

const isRoot = process.geteuid?.() === 0;

test("one that is another user's is refused, and so is one with another's room or link in it", {
  skip: !isRoot,
}, (t) => {
  const stranger = 65_534;
  const parent = place(t);
  const make = (name: string) => {
    const root = join(parent, name);
    mkdirSync(root);
    return root;
  };
  const foreign = make("foreign");
  chownSync(foreign, stranger, stranger);
  assert.throws(() => openStateFolder(foreign), FolderFault);
  const withRoom = make("with-room");
  mkdirSync(join(withRoom, "keys"));
  chownSync(join(withRoom, "keys"), stranger, stranger);
  assert.throws(() => openStateFolder(withRoom), /keys belongs to another user \(65534\)/);
  assert.equal(statSync(join(withRoom, "keys")).uid, stranger, "nothing is taken from its owner");
  const withLink = make("with-link");
  const elsewhere = make("elsewhere");
  chmodSync(elsewhere, 0o755);
  symlinkSync(elsewhere, join(withLink, "run"));
  lchownSync(join(withLink, "run"), stranger, stranger);
  assert.throws(() => openStateFolder(withLink), /run belongs to another user/);
  assert.equal(modeOf(elsewhere), 0o755, "nothing is changed behind the link");
});
