/** What this surface asks of the blob engine, so that containers can be managed here too; compose fills it. */
export type ContainerInfo = {
  readonly name: string;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  readonly metadata: Readonly<Record<string, string>>;
};

export type ContainerPort = {
  /** All containers of an account, by name. */
  list(account: string): Promise<readonly ContainerInfo[]>;
  get(account: string, container: string): Promise<ContainerInfo | undefined>;
  /** Creates it unless it is there; `isNew` says which. */
  create(
    account: string,
    container: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ readonly container: ContainerInfo; readonly isNew: boolean }>;
  /** @param keptDays that it can be had back; null for not at all. @returns whether there was one, or that a lease keeps it. */
  delete(account: string, container: string, keptDays: number | null): Promise<boolean | "leased">;
};
