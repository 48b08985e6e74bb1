import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupObjectId } from "../state/identifiers.ts";
import { createGroup, deleteGroup, type GroupProperties, updateGroup } from "./group.ts";
import { addMember, removeMember, transitiveMemberIds } from "./membership.ts";
import { addOwner, isOwner, removeOwner } from "./owner.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";

const properties: Partial<GroupProperties> = {
  displayName: "crew",
  mailNickname: "crew",
  mailEnabled: false,
  securityEnabled: true,
};

function add(directory: SampleDirectory, more: Partial<GroupProperties> = {}, ownerIds: readonly string[] = []) {
  const by = { id: directory.id<GroupObjectId>(), now: sampleTime, ownerIds, memberIds: [] };
  return directory.apply(createGroup(directory.model, { ...properties, ...more }, by)).id;
}

test("only security groups can be made or remain", () => {
  const directory = new SampleDirectory();
  const id = add(directory);
  assert.equal(faultOf(() => add(directory, { mailEnabled: true })).property, "mailEnabled");
  assert.equal(faultOf(() => add(directory, { securityEnabled: false })).property, "securityEnabled");
  assert.equal(faultOf(() => updateGroup(directory.model, id, { securityEnabled: false })).property, "securityEnabled");
  assert.equal(faultOf(() => add(directory, { displayName: "" })).why, "required");
});

test("members are people, groups and service principals, each once", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const [outer, inner] = [add(directory), add(directory)];
  for (const memberId of [start.operatorUser.id, start.operatorServicePrincipal.id, inner])
    directory.apply(addMember(model, outer, memberId));
  assert.equal(model.groupMembers.find("groupId", outer).length, 3);
  assert.equal(faultOf(() => addMember(model, outer, inner)).kind, "already-there");
  assert.equal(faultOf(() => addMember(model, outer, start.operatorApplication.id)).kind, "reference-not-found");
  assert.equal(faultOf(() => addMember(model, outer, outer)).why, "not-allowed");
  assert.equal(faultOf(() => addMember(model, directory.id<GroupObjectId>(), inner)).kind, "object-not-found");
  directory.apply(removeMember(model, outer, inner));
  assert.equal(faultOf(() => removeMember(model, outer, inner)).kind, "reference-not-found");
});

test("groups in a ring are followed once around", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const [a, b, c] = [add(directory), add(directory), add(directory)];
  for (const [group, member] of [
    [a, b],
    [b, c],
    [c, a],
    [c, start.operatorUser.id],
  ] as const)
    directory.apply(addMember(model, group, member));
  assert.deepEqual(transitiveMemberIds(model, a).sort(), [a, b, c, start.operatorUser.id].sort());
  assert.deepEqual(model.transitiveGroupIds(start.operatorUser.id).sort(), [a, b, c].sort());
});

test("a deleted group leaves its members and every group it was in", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const [outer, inner] = [add(directory), add(directory)];
  directory.apply(addMember(model, outer, inner));
  directory.apply(addMember(model, inner, start.operatorUser.id));
  directory.apply(deleteGroup(model, inner, sampleTime));
  assert.equal(model.groupMembers.size, 0);
  assert.equal(model.users.has(start.operatorUser.id), true);
});

test("owners come and go, but a group keeps its last one", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const ada = directory.addUser("ada");
  const id = add(directory, {}, [ada]);
  const owned = { kind: "group", id } as const;
  assert.equal(faultOf(() => removeOwner(model, owned, ada)).kind, "last-owner");
  directory.apply(addOwner(model, owned, start.operatorUser.id));
  assert.equal(faultOf(() => addOwner(model, owned, ada)).kind, "already-there");
  assert.equal(faultOf(() => addOwner(model, owned, id)).why, "not-allowed");
  directory.apply(removeOwner(model, owned, ada));
  assert.equal(isOwner(model, id, ada), false);
  assert.equal(faultOf(() => removeOwner(model, owned, ada)).kind, "reference-not-found");
});

test("an application has at most 100 owners", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const owned = { kind: "application", id: start.operatorApplication.id } as const;
  for (let count = 0; count < 100; count++) directory.apply(addOwner(model, owned, directory.addUser(`user${count}`)));
  const oneMore = directory.addUser("onemore");
  assert.equal(faultOf(() => addOwner(model, owned, oneMore)).kind, "limit-reached");
});
