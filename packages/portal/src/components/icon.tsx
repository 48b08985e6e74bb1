/** The portal's own icons: lines on a 20 by 20 field, drawn in the text's colour. */

const paths = {
  add: "M10 4v12M4 10h12",
  menu: "M3 5h14M3 10h14M3 15h14",
  search: "M8.5 3.5a5 5 0 1 1 0 10a5 5 0 0 1 0-10zM12.3 12.3L17 17",
  close: "M5 5l10 10M15 5L5 15",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  check: "M4 10.5l4 4l8-9",
  delete: "M4 6h12M8 6V4h4v2M5.5 6l.8 10h7.4l.8-10M8.5 9v4.5M11.5 9v4.5",
  refresh: "M15.5 7A6 6 0 1 0 16 11M15.8 3.5V7h-3.5",
  edit: "M4 16l.8-3.4L13.5 4l2.5 2.5L7.4 15.2zM11.8 5.7l2.5 2.5",
  person: "M10 4a3 3 0 1 1 0 6a3 3 0 0 1 0-6zM4.5 16.5c.6-3 2.8-4.2 5.5-4.2s4.900 1.200 5.500 4.200",
  people:
    "M7.500 4.500a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5zM3 15.500c.4-2.600 2.100-3.700 4.500-3.700s4.100 1.100 4.500 3.700M13 5.200a2.200 2.200 0 0 1 0 4.200M14 12c1.800.3 2.800 1.500 3.100 3.500",
  app: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM13.500 11v5M11 13.500h5",
  group: "M3.500 5.500h5l1.500 2h6.500v8h-13z",
  storage: "M4 5h12v4H4zM4 11h12v4H4zM6.500 7h.01M6.500 13h.01",
  key: "M13 3.500a3.500 3.500 0 1 1-2.800 5.600L4 15.500V17h2.500v-2H8v-2h1.500l1.700-1.700",
  shield: "M10 3l6 2v4.500c0 3.700-2.500 6-6 7.500c-3.500-1.500-6-3.800-6-7.500V5z",
  home: "M3.500 9.500L10 4l6.500 5.500M5.500 8.500V16h3.500v-4h2v4h3.500V8.500",
  info: "M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM10 9v4.500M10 6.500h.01",
  warning: "M10 3.500L17.500 16.500H2.500zM10 8.500v3.500M10 14.200h.01",
  chevron: "M8 5l5 5l-5 5",
  down: "M5 8l5 5l5-5",
  filter: "M3.500 5h13M6 10h8M8.500 15h3",
  moon: "M15.800 12A6.500 6.500 0 0 1 8 4.200A6.500 6.500 0 1 0 15.800 12z",
  signOut: "M11.500 4H4.500v12h7M9 10h8M14 7l3 3l-3 3",
  activity: "M3 10.500h3l2-6l4 11l2-5h3",
  map: "M5 5.500a1.500 1.500 0 1 1 0 .01M15 5.500a1.500 1.500 0 1 1 0 .01M10 15a1.500 1.500 0 1 1 0 .01M6 7l3.200 6M14 7l-3.200 6M7 5.500h6",
  learn: "M3 7l7-3l7 3l-7 3zM6 8.500V13c2.500 1.700 5.500 1.700 8 0V8.500",
  subscription: "M4 5.500h12v9H4zM4 8.500h12M6.500 12h3",
  identity:
    "M4 4.500h12v11H4zM8 7.500a1.500 1.500 0 1 1 0 3a1.500 1.500 0 0 1 0-3zM5.800 13.500c.3-1.300 1-1.800 2.200-1.800s1.900.5 2.200 1.800M12 8h2.500M12 11h2.500",
  restore: "M4.500 7A6 6 0 1 1 4 11M4.200 3.500V7h3.500",
  download: "M10 3.500v9M6.500 9.500l3.500 3.500l3.500-3.500M4 16.500h12",
  upload: "M10 13V4M6.500 7.500L10 4l3.500 3.500M4 16.500h12",
  file: "M5.500 3.500h6l3.500 3.500v9.500h-9.500zM11.500 3.500V7H15",
  pause: "M7 4.500v11M13 4.500v11",
  play: "M6.500 4.500l8.500 5.500l-8.500 5.500z",
  question: "M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM8 8.200a2 2 0 1 1 3 1.700c-.7.4-1 .8-1 1.600M10 13.700h.01",
  link: "M8.500 11.500l3-3M9 6.500l2-2a3 3 0 0 1 4.300 4.300l-2 2M11 13.500l-2 2a3 3 0 0 1-4.300-4.300l2-2",
} as const;

export type IconName = keyof typeof paths;

/** Says nothing to screen readers: the words beside it do. */
export function Icon({ name, className = "icon" }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg className={className} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
