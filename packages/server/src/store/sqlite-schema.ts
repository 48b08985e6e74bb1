/** The schema's history: each migration runs once, in order, in a transaction of its own; `user_version` counts them. Never edit one that was released. */
export const migrations: readonly string[] = [
  `CREATE TABLE log (
     revision  INTEGER PRIMARY KEY,
     time      TEXT NOT NULL,
     actor     TEXT NOT NULL,
     operation TEXT NOT NULL,
     changes   TEXT NOT NULL
   ) STRICT;
   CREATE TABLE rows (
     kind  TEXT NOT NULL,
     key   TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (kind, key)
   ) STRICT, WITHOUT ROWID;`,
];
