/**
 * The sign-in log and the audit log. Sign-ins are the recorder's, people's and apps' alike (Graph's v1.0 lists people's only; here the apps are
 * what one wants to see); audits are read from the change log, newest first, a bounded stretch of it for each page.
 * @see https://learn.microsoft.com/graph/api/resources/azure-ad-auditlog-overview
 */
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerOne, rowsOf } from "./answers.ts";
import { linkWith, pageSizeOf } from "./collections.ts";
import { auditOf, type DirectoryAudit, directoryAuditType, revisionOf } from "./directory-audit.ts";
import { parseFilter } from "./filter.ts";
import { compileFilter } from "./filter-predicate.ts";
import { refuseGraph } from "./graph-fault.ts";
import { maxAuditStretches, maxLogEntriesAPage } from "./limits.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { renderRow } from "./resource-type.ts";
import { contextOf, selectOf } from "./selection.ts";
import { signInType } from "./sign-in-type.ts";
import { makeSkipToken, readSkipToken } from "./skip-token.ts";

function getSignIn(call: GraphCall): Reply {
  const id = call.keys.signIn!.text.toLowerCase();
  const record = call.cloud.recorder.signIns().find(({ requestId }) => requestId === id);
  if (record === undefined) refuse({ kind: "object-not-found", objectKind: "user", id });
  return answerOne(call, signInType, record);
}

async function getAudit(call: GraphCall): Promise<Reply> {
  const { text } = call.keys.audit!;
  const { model, store } = call.cloud;
  const revision = revisionOf(model, text);
  const isThere = revision !== undefined && revision >= 1 && revision <= model.revision;
  const [entry] = isThere ? await store.readLog(revision - 1, 1) : [];
  const audit = entry && auditOf(model, entry);
  if (audit === undefined) refuse({ kind: "object-not-found", objectKind: "user", id: text });
  return answerOne(call, directoryAuditType, audit);
}

/** Newest first. A page may come out short, even empty, with a next link: so much of the log was looked at. */
async function listAudits(call: GraphCall): Promise<Reply> {
  const { options, cloud, exchange } = call;
  const { model } = cloud;
  if (options.search !== undefined) refuseGraph({ kind: "absent", what: "$search on the audit log" });
  if (options.expand !== undefined) refuseGraph({ kind: "absent", what: "$expand on the audit log" });
  const { orderBy } = options;
  if (orderBy !== undefined && !(orderBy.name.toLowerCase() === "activitydatetime" && orderBy.isDescending))
    refuseGraph({ kind: "query-order-unsupported" });
  const select = selectOf(call, directoryAuditType);
  const test =
    options.filter === undefined ? () => true : compileFilter(directoryAuditType, parseFilter(options.filter), true);
  const query = JSON.stringify([exchange.path.toLowerCase(), options.filter ?? null]);
  const start =
    options.skipToken === undefined
      ? model.revision
      : Number(readSkipToken(cloud.secrets, query, options.skipToken).key);
  const { audits, rest } = await readBackwards(call, start, (audit) => test(audit, { model }));
  const next =
    rest === 0
      ? {}
      : {
          "@odata.nextLink": linkWith(
            call,
            "$skiptoken",
            makeSkipToken(cloud.secrets, query, { key: String(rest), sortValue: null }),
          ),
        };
  return {
    status: 200,
    body: {
      "@odata.context": contextOf(call, directoryAuditType.set, select),
      ...next,
      value: audits.map((audit) => renderRow(directoryAuditType, audit, { model }, select)),
    },
  };
}

/** @returns records of entries up to `start`, newest first, and the revision to go on from; 0 at the log's beginning. */
async function readBackwards(
  call: GraphCall,
  start: number,
  passes: (audit: DirectoryAudit) => boolean,
): Promise<{ readonly audits: readonly DirectoryAudit[]; readonly rest: number }> {
  const { store, model } = call.cloud;
  const top = pageSizeOf(call);
  const audits: DirectoryAudit[] = [];
  let upper = Math.min(start, model.revision);
  for (let stretch = 0; stretch < maxAuditStretches && upper > 0; stretch++) {
    const lower = Math.max(0, upper - maxLogEntriesAPage);
    const entries = await store.readLog(lower, upper - lower);
    for (const entry of entries.toReversed()) {
      if (audits.length === top) return { audits, rest: entry.revision };
      const audit = auditOf(model, entry);
      if (audit !== undefined && passes(audit)) audits.push(audit);
    }
    upper = lower;
  }
  return { audits, rest: upper };
}

const shared = { method: "GET", action: "read-audit" } as const;

export const auditLogOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "List signIns",
    match: "/auditLogs/signIns",
    isCollection: true,
    doc: "signin-list",
    handle: (call) => answerCollection(call, signInType, rowsOf(signInType, call.cloud.recorder.signIns())),
  }),
  operation({
    ...shared,
    operation: "Get signIn",
    match: "/auditLogs/signIns/{signIn}",
    doc: "signin-get",
    handle: getSignIn,
  }),
  operation({
    ...shared,
    operation: "List directoryAudits",
    match: "/auditLogs/directoryAudits",
    doc: "directoryaudit-list",
    handle: listAudits,
  }),
  operation({
    ...shared,
    operation: "Get directoryAudit",
    match: "/auditLogs/directoryAudits/{audit}",
    doc: "directoryaudit-get",
    handle: getAudit,
  }),
];
