/** Where a new resource goes: a resource group, and a region, which is the group's unless another is chosen. */
import { useState } from "react";
import { listResourceGroups, partsOfId, type ResourceGroup } from "../api/arm.ts";
import { useLoad } from "../api/use-load.ts";
import { SelectField } from "../components/form.tsx";
import { listLocations, usualLocation } from "./locations.ts";

export type GroupPlace = {
  /** Undefined while they are read, and where there is none. */
  readonly group: ResourceGroup | undefined;
  readonly groups: readonly ResourceGroup[];
  /** True once it is known that a group must be made first. */
  readonly isWithoutGroup: boolean;
  readonly chooseGroup: (id: string) => void;
  readonly region: Region;
};

type Region = {
  readonly name: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly choose: (name: string) => void;
};

/** The regions of a subscription. @param preferred chosen until another is; without it, the one that every resource type has. */
export function useRegion(subscriptionId: string, preferred?: string): Region {
  const locations = useLoad(() => listLocations(subscriptionId), [subscriptionId]);
  const [chosen, choose] = useState("");
  return {
    name: chosen || (preferred ?? usualLocation(locations.data)),
    options: (locations.data ?? []).map(({ name, displayName }) => ({ value: name, text: displayName })),
    choose,
  };
}

/** @param first name of the group to begin with; the first of all where it is not there. */
export function useGroupPlace(first?: string): GroupPlace {
  const loaded = useLoad(listResourceGroups, []);
  const [chosenId, chooseGroup] = useState("");
  const groups = loaded.data ?? [];
  const group = groups.find(({ id }) => id === chosenId) ?? groups.find(({ name }) => name === first) ?? groups[0];
  const region = useRegion(group === undefined ? "" : partsOfId(group.id).subscriptionId, group?.location);
  return { group, groups, isWithoutGroup: loaded.data !== undefined && groups.length === 0, chooseGroup, region };
}

export function GroupField({ label, place }: { readonly label: string; readonly place: GroupPlace }) {
  const { group, groups, chooseGroup } = place;
  const options = groups.map(({ id, name }) => ({ value: id, text: name }));
  return <SelectField label={label} value={group?.id ?? ""} options={options} onChange={chooseGroup} />;
}

export function RegionField({ label, region }: { readonly label: string; readonly region: Region }) {
  return <SelectField label={label} value={region.name} options={region.options} onChange={region.choose} />;
}
