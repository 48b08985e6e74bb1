/**
 * Cedar: an assignment is a link of a template (who, where) for its role and its condition; the set of policies is read once, and each question
 * brings the entities it is about: the principal with its groups, the place with those above it, the operation with the roles that have it.
 * @see https://docs.cedarpolicy.com/policies/templates.html
 */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import {
  assignmentId,
  assignmentOf,
  conditionOf,
  grantsOf,
  groupOf,
  operations,
  type Place,
  principalId,
  roles,
  scopeText,
  type WorldQuestion,
} from "../decision-world.ts";
import type { BuildEngine } from "./engine.ts";

const policySet = "assignments";

function templateOf(role: number, condition: ReturnType<typeof conditionOf> | null): [id: string, text: string] {
  const head = `permit(principal in ?principal, action in Action::"${roles[role]!.id}", resource in ?resource)`;
  if (condition === null) return [`${role}`, `${head};`];
  const requirement =
    "container" in condition
      ? `context.container == "${condition.container}"`
      : `context.path like "${condition.folder}*"`;
  return [`${role} ${JSON.stringify(condition)}`, `${head} when { !context.isCondition || ${requirement} };`];
}

/** The operations that the conditions speak of: the first three. */
const isConditional = (operation: number): boolean => operation < 3;

const uid = (type: string, id: string) => ({ type, id });

function chainOf(place: Place): Place[] {
  const { subscription, group, container } = place;
  const above: Place[] = [];
  if (container >= 0) above.push(place, { subscription, group, container: -1, isAccount: true });
  if (group >= 0) above.push({ subscription, group, container: -1, isAccount: false });
  return [...above, { subscription, group: -1, container: -1, isAccount: false }];
}

/** Entities of a line, each the next one's child. */
function lineOf(type: string, ids: readonly string[]) {
  return ids.map((id, at) => ({
    uid: uid(type, id),
    attrs: {},
    parents: at + 1 < ids.length ? [uid(type, ids[at + 1]!)] : [],
  }));
}

function callOf({ principal, operation, place, path }: WorldQuestion): cedar.StatefulAuthorizationCall {
  const holders: string[] = [];
  for (let at = principal; at >= 0; at = groupOf(at)) holders.push(principalId(at));
  const places = chainOf(place).map(scopeText);
  const roleIds = roles.filter((_, role) => grantsOf[role]!.includes(operation)).map(({ id }) => id);
  const { name } = operations[operation]!;
  const actions = [
    { uid: uid("Action", name), attrs: {}, parents: roleIds.map((id) => uid("Action", id)) },
    ...roleIds.map((id) => ({ uid: uid("Action", id), attrs: {}, parents: [] })),
  ];
  return {
    principal: uid("Principal", holders[0]!),
    action: uid("Action", name),
    resource: uid("Place", places[0]!),
    context: { container: `container${place.container}`, path, isCondition: isConditional(operation) },
    preparsedPolicySetId: policySet,
    entities: [...lineOf("Principal", holders), ...lineOf("Place", places), ...actions],
  };
}

export const build: BuildEngine = async ({ assignments, hasConditions }) => {
  const templates: Record<string, string> = {};
  const templateLinks: cedar.TemplateLink[] = [];
  for (let number = 0; number < assignments; number += 1) {
    const { principal, role, place } = assignmentOf(number);
    const [templateId, text] = templateOf(role, hasConditions ? conditionOf(number) : null);
    templates[templateId] = text;
    const values = {
      "?principal": uid("Principal", principalId(principal)),
      "?resource": uid("Place", scopeText(place)),
    };
    templateLinks.push({ templateId, newId: assignmentId(number), values });
  }
  const answer = cedar.preparsePolicySet(policySet, { staticPolicies: {}, templates, templateLinks });
  if (answer.type !== "success") throw new Error(`Cedar refuses the policies: ${JSON.stringify(answer)}`);
  return {
    prepare: (questions) => questions.map(callOf),
    answerAll: (prepared, answers) => {
      let allowed = 0;
      prepared.forEach((call, place) => {
        const given = cedar.statefulIsAuthorized(call as cedar.StatefulAuthorizationCall);
        if (given.type !== "success") throw new Error(`Cedar: ${JSON.stringify(given)}`);
        const isAllowed = given.response.decision === "allow" ? 1 : 0;
        allowed += isAllowed;
        if (answers !== undefined) answers[place] = isAllowed;
      });
      return allowed;
    },
  };
};
