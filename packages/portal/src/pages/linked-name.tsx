/** The column of a list in which each name leads to its place. */
import { portalPathOf } from "../api/arm.ts";
import type { Column } from "../components/details-list.tsx";
import { Link } from "../router/link.tsx";
import { resources as text } from "../texts/resources.ts";

/** For rows of Resource Manager: a name, and the id that says where it is. */
export const linkedName: Column<{ readonly id: string; readonly name: string }> = {
  key: "name",
  title: text.name,
  width: "2fr",
  render: ({ id, name }) => (
    <Link to={portalPathOf(id)}>
      <bdi>{name}</bdi>
    </Link>
  ),
};
