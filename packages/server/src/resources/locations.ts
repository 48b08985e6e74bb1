/**
 * Azure's regions, as data: which location names a group or an account may carry. Nothing here is anywhere else than on this machine.
 * @see https://learn.microsoft.com/azure/reliability/regions-list
 */

export type Location = {
  /** As resources carry it: lower case, no blanks. */
  readonly name: string;
  readonly displayName: string;
  readonly geographyGroup: string;
  /** City or area of the region's data centres. */
  readonly physicalLocation: string;
};

/** name, displayName, geography group, physical location. */
const rows: readonly (readonly [string, string, string, string])[] = [
  ["australiacentral", "Australia Central", "Asia Pacific", "Canberra"],
  ["australiacentral2", "Australia Central 2", "Asia Pacific", "Canberra"],
  ["australiaeast", "Australia East", "Asia Pacific", "New South Wales"],
  ["australiasoutheast", "Australia Southeast", "Asia Pacific", "Victoria"],
  ["austriaeast", "Austria East", "Europe", "Vienna"],
  ["belgiumcentral", "Belgium Central", "Europe", "Brussels"],
  ["brazilsouth", "Brazil South", "South America", "Sao Paulo State"],
  ["brazilsoutheast", "Brazil Southeast", "South America", "Rio"],
  ["canadacentral", "Canada Central", "Canada", "Toronto"],
  ["canadaeast", "Canada East", "Canada", "Quebec"],
  ["centralindia", "Central India", "Asia Pacific", "Pune"],
  ["centralus", "Central US", "US", "Iowa"],
  ["chilecentral", "Chile Central", "South America", "Santiago"],
  ["denmarkeast", "Denmark East", "Europe", "Copenhagen"],
  ["eastasia", "East Asia", "Asia Pacific", "Hong Kong"],
  ["eastus", "East US", "US", "Virginia"],
  ["eastus2", "East US 2", "US", "Virginia"],
  ["francecentral", "France Central", "Europe", "Paris"],
  ["francesouth", "France South", "Europe", "Marseille"],
  ["germanynorth", "Germany North", "Europe", "Berlin"],
  ["germanywestcentral", "Germany West Central", "Europe", "Frankfurt"],
  ["indonesiacentral", "Indonesia Central", "Asia Pacific", "Jakarta"],
  ["israelcentral", "Israel Central", "Middle East", "Israel"],
  ["italynorth", "Italy North", "Europe", "Milan"],
  ["japaneast", "Japan East", "Asia Pacific", "Tokyo, Saitama"],
  ["japanwest", "Japan West", "Asia Pacific", "Osaka"],
  ["jioindiacentral", "Jio India Central", "Asia Pacific", "Nagpur"],
  ["jioindiawest", "Jio India West", "Asia Pacific", "Jamnagar"],
  ["koreacentral", "Korea Central", "Asia Pacific", "Seoul"],
  ["koreasouth", "Korea South", "Asia Pacific", "Busan"],
  ["malaysiawest", "Malaysia West", "Asia Pacific", "Kuala Lumpur"],
  ["mexicocentral", "Mexico Central", "Mexico", "Queretaro"],
  ["newzealandnorth", "New Zealand North", "Asia Pacific", "Auckland"],
  ["northcentralus", "North Central US", "US", "Illinois"],
  ["northeurope", "North Europe", "Europe", "Ireland"],
  ["norwayeast", "Norway East", "Europe", "Norway"],
  ["norwaywest", "Norway West", "Europe", "Norway"],
  ["polandcentral", "Poland Central", "Europe", "Warsaw"],
  ["qatarcentral", "Qatar Central", "Middle East", "Doha"],
  ["southafricanorth", "South Africa North", "Africa", "Johannesburg"],
  ["southafricawest", "South Africa West", "Africa", "Cape Town"],
  ["southcentralus", "South Central US", "US", "Texas"],
  ["southeastasia", "Southeast Asia", "Asia Pacific", "Singapore"],
  ["southindia", "South India", "Asia Pacific", "Chennai"],
  ["spaincentral", "Spain Central", "Europe", "Madrid"],
  ["swedencentral", "Sweden Central", "Europe", "Gävle"],
  ["swedensouth", "Sweden South", "Europe", "Malmö"],
  ["switzerlandnorth", "Switzerland North", "Europe", "Zurich"],
  ["switzerlandwest", "Switzerland West", "Europe", "Geneva"],
  ["uaecentral", "UAE Central", "Middle East", "Abu Dhabi"],
  ["uaenorth", "UAE North", "Middle East", "Dubai"],
  ["uksouth", "UK South", "Europe", "London"],
  ["ukwest", "UK West", "Europe", "Cardiff"],
  ["westcentralus", "West Central US", "US", "Wyoming"],
  ["westeurope", "West Europe", "Europe", "Netherlands"],
  ["westindia", "West India", "Asia Pacific", "Mumbai"],
  ["westus", "West US", "US", "California"],
  ["westus2", "West US 2", "US", "Washington"],
  ["westus3", "West US 3", "US", "Phoenix"],
];

/** Every region, by name. */
export const locations: readonly Location[] = rows.map(([name, displayName, geographyGroup, physicalLocation]) => ({
  name,
  displayName,
  geographyGroup,
  physicalLocation,
}));

const names: ReadonlySet<string> = new Set(locations.map(({ name }) => name));

/**
 * Reads a location as callers write it: `westeurope`, `West Europe`, in any case.
 * @returns the region's name, or undefined when there is no such region.
 */
export function findLocation(text: string): string | undefined {
  const name = text.replaceAll(" ", "").toLowerCase();
  return names.has(name) ? name : undefined;
}

/** Regions that stand in for each other, both ways. @see https://learn.microsoft.com/azure/reliability/regions-paired */
const pairs: readonly (readonly [string, string])[] = [
  ["australiacentral", "australiacentral2"],
  ["australiaeast", "australiasoutheast"],
  ["canadacentral", "canadaeast"],
  ["centralindia", "southindia"],
  ["centralus", "eastus2"],
  ["eastasia", "southeastasia"],
  ["eastus", "westus"],
  ["francecentral", "francesouth"],
  ["germanynorth", "germanywestcentral"],
  ["japaneast", "japanwest"],
  ["jioindiacentral", "jioindiawest"],
  ["koreacentral", "koreasouth"],
  ["northcentralus", "southcentralus"],
  ["northeurope", "westeurope"],
  ["norwayeast", "norwaywest"],
  ["southafricanorth", "southafricawest"],
  ["swedencentral", "swedensouth"],
  ["switzerlandnorth", "switzerlandwest"],
  ["uaecentral", "uaenorth"],
  ["uksouth", "ukwest"],
  ["westcentralus", "westus2"],
];
/** Regions whose stand-in has another one itself. */
const leaning: readonly (readonly [string, string])[] = [
  ["brazilsouth", "southcentralus"],
  ["brazilsoutheast", "brazilsouth"],
  ["westindia", "southindia"],
  ["westus3", "eastus"],
];

/** Where what is kept in a region is kept, too, by a region's name. */
export const pairedRegions: ReadonlyMap<string, string> = new Map([
  ...pairs.flatMap(([one, other]): [string, string][] => [
    [one, other],
    [other, one],
  ]),
  ...leaning,
]);
