/**
 * The cloud's own plane about access: what it is asked and what it answers. May use: own-plane.ts, session.ts, azure/principals.ts.
 */

import { listServicePrincipals } from "../azure/applications.ts";
import { isGuid, quoteOData } from "../azure/identifiers.ts";
import { resolveAssignee } from "../azure/principals.ts";
import type { Context } from "../command/command.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { openOwnPlane } from "../own-plane.ts";
import type { Session } from "../session.ts";

export interface NamedPrincipal {
  readonly id: string;
  readonly type: string | null;
  readonly displayName: string | null;
  readonly appId: string | null;
}

export interface MendingRole {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly operationsGranted: number;
  readonly operationsBeyond: number;
  readonly scopes: readonly string[];
}

export interface NearMiss {
  readonly roleName: string | null;
  readonly scope: string;
  readonly principalId: string;
  readonly via: readonly string[];
  readonly missing: string;
  readonly condition?: { readonly clause: { readonly text?: string } | null } | null;
}

export type Decision =
  | ({ readonly isAllowed: true; readonly assignmentId: string } & Omit<NearMiss, "missing">)
  | {
      readonly isAllowed: false;
      readonly reason: string;
      readonly nearest: readonly NearMiss[];
      /** By which deny assignment a grant was overruled. */
      readonly overruled?: { readonly denyAssignmentName: string; readonly scope: string };
    };

export interface Need {
  readonly operation: string;
  readonly isDataAction: boolean;
  readonly scope: string;
}

/** An explained decision, of a question or of a record. */
export interface Explained {
  readonly principal: NamedPrincipal;
  readonly principals: readonly NamedPrincipal[];
  readonly decision: Decision;
  readonly mending: readonly MendingRole[];
}

export interface AccessRecord extends Explained {
  readonly time: string;
  readonly requestId: string;
  readonly surface: string;
  readonly operation: string;
  readonly outcome: string;
  readonly ask: Need & { readonly principalId: string };
}

export interface AccessWay {
  readonly roleName: string | null;
  readonly scope: string;
  readonly condition: string | null;
  readonly holderId: string;
  readonly via: readonly string[];
}

const base = "/postern/access";

/** A client of the plane, with the operator's token for Resource Manager. */
export class InsightClient {
  readonly #client: ServiceClient;

  constructor(session: Session) {
    this.#client = openOwnPlane(session, "resource-manager");
  }

  /** @param query members that are undefined are left out. */
  get(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<Json> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
    return this.#client.json("GET", `${base}/${path}${search}`);
  }

  post(path: string, body: Json): Promise<Json> {
    return this.#client.json("POST", `${base}/${path}`, body);
  }

  put(path: string, body: Json): Promise<Json> {
    return this.#client.json("PUT", `${base}/${path}`, body);
  }

  async delete(path: string): Promise<void> {
    await this.#client.send("DELETE", `${base}/${path}`);
  }
}

/** The object id of who is named: as `--assignee` in az, and an app by its display name too. */
export async function findPrincipalId({ graph }: Session, name: string, { notes }: Context): Promise<string> {
  if (!isGuid(name) && !name.includes("@")) {
    const [found, ...others] = await listServicePrincipals(graph, `displayName eq ${quoteOData(name)}`);
    if (found !== undefined && others.length === 0) return String(found.id);
  }
  return (await resolveAssignee(graph, name, notes)).objectId;
}
