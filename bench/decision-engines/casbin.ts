/**
 * casbin: role-based access with a resource hierarchy, as its documentation writes it. An assignment is a policy (who, where, role); `g` has the
 * groups, `g2` the places above places, `g3` the roles that have an operation. casbin goes through all policies for each question.
 * @see https://casbin.org/docs/rbac#resource-roles
 */
import { newEnforcer, newModelFromString } from "casbin";
import {
  assignmentOf,
  containersPerGroup,
  grantsOf,
  groupOf,
  operations,
  type Place,
  principalCount,
  principalId,
  resourceGroupCount,
  roles,
  scopeText,
  subscriptionCount,
} from "../decision-world.ts";
import type { BuildEngine } from "./engine.ts";

const model = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
g2 = _, _
g3 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g3(r.act, p.act) && g2(r.obj, p.obj) && g(r.sub, p.sub)
`;

function* placePairs(): Generator<[string, string]> {
  for (let group = 0; group < resourceGroupCount; group += 1) {
    const subscription = group % subscriptionCount;
    const place: Place = { subscription, group, container: -1, isAccount: false };
    const account = scopeText({ ...place, isAccount: true });
    yield [scopeText(place), scopeText({ ...place, group: -1 })];
    yield [account, scopeText(place)];
    for (let container = 0; container < containersPerGroup; container += 1) {
      yield [scopeText({ ...place, container }), account];
    }
  }
}

export const build: BuildEngine = async ({ assignments, hasConditions }) => {
  if (hasConditions) throw new Error("not written for conditions");
  const enforcer = await newEnforcer(newModelFromString(model));
  const groups: [string, string][] = [];
  for (let principal = 0; principal < principalCount; principal += 1) {
    const group = groupOf(principal);
    if (group >= 0) groups.push([principalId(principal), principalId(group)]);
  }
  await enforcer.addNamedGroupingPolicies("g", groups);
  await enforcer.addNamedGroupingPolicies("g2", [...placePairs()]);
  const grants = grantsOf.flatMap((granted, role) =>
    granted.map((place) => [operations[place]!.name, roles[role]!.id]),
  );
  await enforcer.addNamedGroupingPolicies("g3", grants);
  // A set of policies: the same thing assigned twice is refused, all of the list with it.
  const policies = new Map<string, [string, string, string]>();
  for (let number = 0; number < assignments; number += 1) {
    const { principal, role, place } = assignmentOf(number);
    policies.set(`${principal} ${role} ${scopeText(place)}`, [
      principalId(principal),
      scopeText(place),
      roles[role]!.id,
    ]);
  }
  await enforcer.addPolicies([...policies.values()]);
  return {
    prepare: (questions) =>
      questions.map(({ principal, place, operation }) => [
        principalId(principal),
        scopeText(place),
        operations[operation]!.name,
      ]),
    answerAll: (prepared, answers) => {
      let allowed = 0;
      prepared.forEach((question, place) => {
        const isAllowed = enforcer.enforceSync(...(question as string[])) ? 1 : 0;
        allowed += isAllowed;
        if (answers !== undefined) answers[place] = isAllowed;
      });
      return allowed;
    },
  };
};
