/** The address as state: every place in the portal has one, and going there changes it. */
import { useSyncExternalStore } from "react";

const changed = "postern-location";

/** Goes to a place in the portal. @param place path and query, from `/portal` on. */
export function navigate(place: string, how: "push" | "replace" = "push"): void {
  if (place !== location.pathname + location.search) {
    if (how === "push") history.pushState(null, "", place);
    else history.replaceState(null, "", place);
  }
  dispatchEvent(new Event(changed));
}

function subscribe(listen: () => void): () => void {
  addEventListener("popstate", listen);
  addEventListener(changed, listen);
  return () => {
    removeEventListener("popstate", listen);
    removeEventListener(changed, listen);
  };
}

/** The present path, rendered anew when it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** One parameter of the present query, "" when it is not there; setting it stays on the page and adds no step to the history. */
export function useQueryValue(name: string): [value: string, set: (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? "");
  const set = (next: string) => {
    const query = new URLSearchParams(location.search);
    if (next === "") query.delete(name);
    else query.set(name, next);
    const text = query.toString();
    navigate(`${location.pathname}${text === "" ? "" : `?${text}`}`, "replace");
  };
  return [value, set];
}
