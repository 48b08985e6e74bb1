/** The frame of one application's blades: its name, its sections, and the application itself once it is there. */
import type { ReactNode } from "react";
import { type Application, getApplication } from "../api/graph.ts";
import { type Loaded, useLoad } from "../api/use-load.ts";
import { Blade, type SectionGroup } from "../components/blade.tsx";
import type { Command } from "../components/command-bar.tsx";
import { ErrorMessage, Loading } from "../components/message.tsx";
import { apps } from "../texts/app-registrations.ts";

const { sections } = apps;

function sectionsOf(id: string): readonly SectionGroup[] {
  const base = `/portal/app-registrations/${id}`;
  return [
    { sections: [{ key: "overview", text: sections.overview, icon: "info", to: base }] },
    {
      title: apps.manage,
      sections: [
        { key: "credentials", text: sections.credentials, icon: "key", to: `${base}/credentials` },
        { key: "permissions", text: sections.permissions, icon: "shield", to: `${base}/api-permissions` },
        { key: "owners", text: sections.owners, icon: "people", to: `${base}/owners` },
      ],
    },
  ];
}

/** The name of the application that was shown last, so that going from section to section does not blank the heading. */
let shown: { readonly id: string; readonly name: string } | undefined;

export function useApplication(id: string): Loaded<Application> {
  const loaded = useLoad(() => getApplication(id), [id]);
  if (loaded.data !== undefined) shown = { id, name: loaded.data.displayName };
  return loaded;
}

export function AppFrame(props: {
  readonly id: string;
  readonly application: Loaded<Application>;
  readonly section?: string;
  readonly commands?: readonly Command[];
  readonly children: (application: Application) => ReactNode;
}) {
  const { id, application, section, commands } = props;
  const name = application.data?.displayName ?? (shown?.id === id ? shown.name : apps.kind);
  return (
    <Blade
      title={name}
      kind={section === undefined ? apps.kind : `${section} | ${apps.kind}`}
      icon="app"
      crumbs={[{ text: apps.title, to: "/portal/app-registrations" }]}
      sections={sectionsOf(id)}
      {...(commands === undefined ? {} : { commands })}
    >
      {application.error === undefined ? undefined : <ErrorMessage error={application.error} />}
      {application.data !== undefined ? props.children(application.data) : undefined}
      {application.data === undefined && application.error === undefined ? <Loading /> : undefined}
    </Blade>
  );
}
