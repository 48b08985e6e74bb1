/**
 * The cloud as it stood: replays the change log into a fresh read model, up to a time or a revision.
 *
 * Owns: the replay, its bound, and a small memory of models made. May use: the store's log, the read model.
 */
import type { RoleDefinition } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { PosternRefusal } from "../postern-caller.ts";
import { ReadModel } from "../state/read-model.ts";
import { completeRow } from "../state/row-completion.ts";
import { type Question, readOptionalText, readTime, refuseInput } from "./call.ts";

/** Entries read at a time; others are served between two reads. Our choice. */
const entriesPerRead = 500;
/** Longest log that is replayed for a question, in entries; our choice: some seconds. */
const maxReplayedEntries = 500_000;
/** Replays at a time; another is refused until one is done. Our choice: anyone may ask about itself, and each costs seconds. */
const maxReplays = 2;
/** Past models kept; our choice: a difference asks for two. */
const maxKeptModels = 4;

export type Moment = {
  readonly model: ReadModel;
  /** The last log entry that counts. */
  readonly revision: number;
  /** As it was asked for; null for now. */
  readonly time: string | null;
};

type Wanted = { readonly time: string } | { readonly revision: number };

export class Past {
  readonly #cloud: Cloud;
  readonly #builtInRoles: readonly RoleDefinition[];
  readonly #kept = new Map<string, Promise<Moment>>();
  #replays = 0;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    const { access } = cloud.model;
    this.#builtInRoles = [...access.roles()].filter(({ id }) => access.isBuiltinRole(id));
  }

  /** The moment a question's `at` (a time) or `revision` means; without either, now. @throws PosternRefusal 400, 429, 501. */
  async momentOf(question: Question, timeName = "at"): Promise<Moment> {
    const time = readTime(question, timeName);
    const revisionText = readOptionalText(question, "revision");
    const { model, ports } = this.#cloud;
    if (time !== undefined) {
      if (time >= ports.now().toISOString()) return { model, revision: model.revision, time };
      return this.#momentAt({ time });
    }
    if (revisionText === undefined) return { model, revision: model.revision, time: null };
    const revision = /^\d{1,15}$/.test(revisionText)
      ? Number(revisionText)
      : refuseInput("'revision' must be a number.");
    if (revision >= model.revision) return { model, revision: model.revision, time: null };
    return this.#momentAt({ revision });
  }

  async #momentAt(wanted: Wanted): Promise<Moment> {
    const key = "time" in wanted ? wanted.time : String(wanted.revision);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#replays >= maxReplays) {
      const message = "Other questions about the past are being answered. Please try again later.";
      throw new PosternRefusal(429, "TooManyRequests", message, { "retry-after": "1" });
    }
    this.#replays += 1;
    const made = this.#replay(wanted).finally(() => {
      this.#replays -= 1;
    });
    this.#kept.set(key, made);
    made.catch(() => this.#kept.delete(key));
    if (this.#kept.size > maxKeptModels) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    return made;
  }

  async #replay(wanted: Wanted): Promise<Moment> {
    const model = new ReadModel(this.#builtInRoles);
    const time = "time" in wanted ? wanted.time : null;
    for (;;) {
      const entries = await this.#cloud.store.readLog(model.revision, entriesPerRead);
      for (const entry of entries) {
        const isLater = "time" in wanted ? entry.time > wanted.time : entry.revision > wanted.revision;
        if (isLater) return { model, revision: model.revision, time };
        for (const change of entry.changes) model.apply(completeRow(change));
        model.revision = entry.revision;
      }
      if (entries.length < entriesPerRead) return { model, revision: model.revision, time };
      if (model.revision > maxReplayedEntries) {
        throw new PosternRefusal(
          501,
          "PastTooLong",
          `More than ${maxReplayedEntries} changes would have to be replayed.`,
        );
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
