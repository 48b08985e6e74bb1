/** Where in a container one is: each folder on the way leads back to it. */
import { Icon } from "../../components/icon.tsx";
import { Link } from "../../router/link.tsx";
import { blobs as text } from "../../texts/blobs.ts";

export function FolderPath(props: { readonly base: string; readonly container: string; readonly prefix: string }) {
  const { base, container, prefix } = props;
  const folders = prefix.split("/").slice(0, -1);
  const places = folders.map((name, index) => ({ name, prefix: `${folders.slice(0, index + 1).join("/")}/` }));
  return (
    <nav className="folder-path" aria-label={text.path}>
      {[{ name: container, prefix: "" }, ...places].map((place) => (
        <span key={place.prefix}>
          {place.prefix === prefix ? (
            <strong aria-current="location">
              <bdi>{place.name}</bdi>
            </strong>
          ) : (
            <>
              <Link to={place.prefix === "" ? base : `${base}?${new URLSearchParams({ prefix: place.prefix })}`}>
                <bdi>{place.name}</bdi>
              </Link>
              <Icon name="chevron" />
            </>
          )}
        </span>
      ))}
    </nav>
  );
}
