/** The frame of the blades of one user, group, app or identity: its name, its sections, and itself once it is there. */
import type { ReactNode } from "react";
import { type Loaded, useLoad } from "../../api/use-load.ts";
import { Blade, type Crumb, type Section } from "../../components/blade.tsx";
import type { Command } from "../../components/command-bar.tsx";
import type { IconName } from "../../components/icon.tsx";
import { ErrorMessage, Loading } from "../../components/message.tsx";
import { directory } from "../../texts/directory.ts";

/** What the blades of one kind have in common. */
export type PrincipalKind = {
  readonly kind: string;
  readonly icon: IconName;
  readonly crumbs: readonly Crumb[];
  /** Below "Manage". */
  readonly sections: readonly Omit<Section, "to">[];
};

/** The last name shown, so that going from section to section does not blank the heading. */
let shown: { readonly base: string; readonly name: string } | undefined;

/** Loads what a page shows, and keeps its name for the page's other sections. */
export function usePrincipal<Data>(base: string, load: () => Promise<Data>, nameOf: (data: Data) => string) {
  const loaded = useLoad(load, [base]);
  if (loaded.data !== undefined) shown = { base, name: nameOf(loaded.data) };
  return loaded;
}

export function PrincipalFrame<Data>(props: {
  readonly kind: PrincipalKind;
  /** Its overview's address. */
  readonly base: string;
  /** The section that is shown; "" for the overview. */
  readonly section: string;
  readonly loaded: Loaded<Data>;
  readonly commands?: readonly Command[];
  readonly children: (data: Data) => ReactNode;
}) {
  const { kind, base, section, loaded, commands } = props;
  const present = kind.sections.find(({ key }) => key === section);
  const sections = kind.sections.map((one) => ({ ...one, to: `${base}/${one.key}` }));
  const overview = { key: "overview", text: directory.sections.overview, icon: "info", to: base } as const;
  return (
    <Blade
      title={shown?.base === base ? shown.name : kind.kind}
      kind={present === undefined ? kind.kind : `${present.text} | ${kind.kind}`}
      icon={kind.icon}
      crumbs={kind.crumbs}
      sections={[{ sections: [overview] }, { title: directory.manage, sections }]}
      {...(commands === undefined ? {} : { commands })}
    >
      {loaded.error === undefined ? undefined : <ErrorMessage error={loaded.error} />}
      {loaded.data !== undefined ? props.children(loaded.data) : undefined}
      {loaded.data === undefined && loaded.error === undefined ? <Loading /> : undefined}
    </Blade>
  );
}
