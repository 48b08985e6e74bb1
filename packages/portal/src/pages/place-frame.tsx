/** The frame of the blades of one place: a subscription, a resource group, a storage account, a container. */
import type { ReactNode } from "react";
import { useLoad } from "../api/use-load.ts";
import { Blade } from "../components/blade.tsx";
import type { Command } from "../components/command-bar.tsx";
import { type Place, subscriptionName } from "./places.ts";

export function PlaceFrame(props: {
  readonly place: Place;
  readonly section?: string;
  readonly commands?: readonly Command[];
  readonly children: ReactNode;
}) {
  const { place, section, commands } = props;
  const name = useLoad(
    () => (place.kind === "subscription" ? subscriptionName(place.name) : Promise.resolve(place.name)),
    [place.scope],
  );
  const title = name.data ?? place.name;
  return (
    <Blade
      title={section === undefined ? title : `${title} | ${section}`}
      kind={place.kindText}
      icon={place.icon}
      crumbs={section === undefined ? place.crumbs : [...place.crumbs, { text: title, to: place.base }]}
      sections={place.sections}
      {...(commands === undefined ? {} : { commands })}
    >
      {props.children}
    </Blade>
  );
}
