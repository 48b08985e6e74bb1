/** What this surface asks of the blob engine, so that containers can be managed here too; compose fills it. */
export type ContainerInfo = {
  readonly name: string;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly publicAccess: PublicAccess;
  /** The encryption scope of blobs that name none; null for the account's. */
  readonly defaultScope: string | null;
  readonly isScopeFixed: boolean;
};

/** What anyone may read: nothing, blobs, or blobs and their names. */
export type PublicAccess = "None" | "Blob" | "Container";

export type NewContainer = Pick<ContainerInfo, "metadata" | "publicAccess" | "defaultScope" | "isScopeFixed">;

/** What changes of a container; undefined for what stays. */
export type ContainerChange = {
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly publicAccess: PublicAccess | undefined;
};

export type ContainerPort = {
  /** All containers of an account, by name. */
  list(account: string): Promise<readonly ContainerInfo[]>;
  get(account: string, container: string): Promise<ContainerInfo | undefined>;
  /** Creates it unless it is there; `isNew` says which. */
  create(
    account: string,
    container: string,
    given: NewContainer,
  ): Promise<{ readonly container: ContainerInfo; readonly isNew: boolean }>;
  /** @returns it afterwards; undefined for none of that name. */
  update(account: string, container: string, change: ContainerChange): Promise<ContainerInfo | undefined>;
  /**
   * @param keptDays that it can be had back; null for not at all.
   * @param hasKeptBlobs whether the account may have blobs that may not be deleted.
   * @returns whether there was one, or that a lease or such a blob keeps it.
   */
  delete(
    account: string,
    container: string,
    keptDays: number | null,
    hasKeptBlobs: boolean,
  ): Promise<boolean | "leased" | "kept">;
  /** Whether any container of an account has a blob that may not be deleted. */
  hasKeptBlobs(account: string): Promise<boolean>;
};
