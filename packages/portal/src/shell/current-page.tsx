/**
 * The page that the address means. Its file is loaded when it is first needed; not by React's own means, which hold a page back for a third of a
 * second once "Loading" was shown.
 */
import { Component, type ComponentType, type ReactNode, useEffect, useState } from "react";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { EmptyState, ErrorMessage, Loading } from "../components/message.tsx";
import { type PageProps, type Route, routes } from "../pages/routes.ts";
import { Link } from "../router/link.tsx";
import { usePath } from "../router/location.ts";
import { matchPath, type Params } from "../router/match.ts";
import { shell } from "../texts/shell.ts";

type Found = { readonly route: Route; readonly params: Params };

function findPage(path: string): Found | undefined {
  for (const route of routes) {
    const params = matchPath(route.pattern, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

const loaded = new Map<string, ComponentType<PageProps>>();

async function loadPage({ pattern, load }: Route): Promise<void> {
  if (!loaded.has(pattern)) loaded.set(pattern, (await load()).default);
}

/** Begins to load the page of the present address, before it is known who will see it. */
export function beginPage(): void {
  const found = findPage(location.pathname);
  // A failure is told when the page is to be shown.
  if (found !== undefined) loadPage(found.route).catch(() => {});
}

export function CurrentPage() {
  const path = usePath();
  const found = findPage(path);
  if (found === undefined)
    return (
      <Blade title={shell.notFound} icon="search">
        <EmptyState icon="search" title={shell.notFoundText} action={<Link to="/portal">{shell.goHome}</Link>} />
      </Blade>
    );
  // What is on one page stays on it: another place begins anew.
  const key = `${found.route.pattern} ${JSON.stringify(found.params)}`;
  return (
    <PageGuard key={key}>
      <LoadedPage route={found.route} params={found.params} />
    </PageGuard>
  );
}

function LoadedPage({ route, params }: Found) {
  const [failure, setFailure] = useState<unknown>();
  const [, setIsHere] = useState(loaded.has(route.pattern));
  useEffect(() => {
    loadPage(route).then(() => setIsHere(true), setFailure);
  }, [route]);
  const Page = loaded.get(route.pattern);
  if (failure !== undefined) throw failure;
  return Page === undefined ? <Loading /> : <Page params={params} />;
}

/** A page that fails takes only itself down. */
class PageGuard extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <EmptyState
        icon="warning"
        title={shell.pageFailed}
        action={<Button onClick={() => this.setState({ error: undefined })}>{shell.tryAgain}</Button>}
      >
        <ErrorMessage error={this.state.error} />
      </EmptyState>
    );
  }
}
