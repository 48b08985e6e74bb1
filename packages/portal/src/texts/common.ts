/** Words that every page may use. All English of the portal is in this folder, one file for each area. */
export const common = {
  product: "Postern",
  home: "Home",
  breadcrumb: "Breadcrumb",
  commands: "Commands",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  add: "Add",
  delete: "Delete",
  remove: "Remove",
  refresh: "Refresh",
  next: "Next",
  previous: "Previous",
  create: "Create",
  loading: "Loading…",
  loadingMore: "Loading more…",
  copied: "Copied",
  copyFailed: "Not copied",
  copy: (what: string) => `Copy ${what}`,
  selected: "Selected",
  selectAll: "Select all",
  overview: "Overview",
  none: "None",
  never: "Never",
  requestId: "Request id",
  whichRole: "Which role would help?",
  unexpectedError: "Unexpected error",
  sectionsOf: (title: string) => `Sections of ${title}`,
  rowCount: (shown: number, total: number | undefined) => {
    if (total !== undefined && total > shown)
      return `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} shown`;
    return shown === 1 ? "1 item" : `${shown.toLocaleString("en")} items`;
  },
} as const;
