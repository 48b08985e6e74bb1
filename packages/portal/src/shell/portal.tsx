/** The whole page: signs in, then shows the frame and in it the page that the address means. */
import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { Blade } from "../components/blade.tsx";
import { Button } from "../components/button.tsx";
import { EmptyState, ErrorMessage, Loading } from "../components/message.tsx";
import { type PageProps, routes } from "../pages/routes.ts";
import { Link } from "../router/link.tsx";
import { usePath } from "../router/location.ts";
import { matchPath } from "../router/match.ts";
import { type Person, signIn, startSession } from "../session/session.ts";
import { shell } from "../texts/shell.ts";
import { Notifications } from "./notifications.tsx";
import { PersonContext } from "./person.ts";
import { TopBar } from "./top-bar.tsx";

type SessionState =
  | { readonly kind: "starting" }
  | { readonly kind: "signed-in"; readonly person: Person }
  | { readonly kind: "failed"; readonly error: unknown };

/** The page of the present address is loaded while the person is found out. */
function beginPage(): void {
  const route = routes.find(({ pattern }) => matchPath(pattern, location.pathname) !== undefined);
  // A failure is told when the page is shown.
  route?.load().catch(() => {});
}

export function Portal() {
  const [session, setSession] = useState<SessionState>({ kind: "starting" });
  useEffect(() => {
    beginPage();
    startSession().then(
      (person) => person !== undefined && setSession({ kind: "signed-in", person }),
      (error: unknown) => setSession({ kind: "failed", error }),
    );
  }, []);
  return (
    <>
      <TopBar person={session.kind === "signed-in" ? session.person : undefined} />
      <main id="content">
        {session.kind === "starting" ? <Loading text={shell.signingIn} /> : undefined}
        {session.kind === "failed" ? <SignInFailure error={session.error} /> : undefined}
        {session.kind === "signed-in" ? (
          <PersonContext.Provider value={session.person}>
            <CurrentPage />
          </PersonContext.Provider>
        ) : undefined}
      </main>
      <Notifications />
    </>
  );
}

function SignInFailure({ error }: { readonly error: unknown }) {
  return (
    <EmptyState
      icon="person"
      title={shell.signInFailed}
      action={
        <Button appearance="primary" onClick={() => void signIn(true)}>
          {shell.signInAgain}
        </Button>
      }
    >
      <ErrorMessage error={error} />
    </EmptyState>
  );
}

const pages = new Map<string, ComponentType<PageProps>>(routes.map(({ pattern, load }) => [pattern, lazy(load)]));

function CurrentPage() {
  const path = usePath();
  for (const { pattern } of routes) {
    const params = matchPath(pattern, path);
    const Page = params === undefined ? undefined : pages.get(pattern);
    if (params !== undefined && Page !== undefined)
      return (
        <PageGuard key={Object.values(params)[0] ?? pattern}>
          <Suspense fallback={<Loading />}>
            <Page params={params} />
          </Suspense>
        </PageGuard>
      );
  }
  return (
    <Blade title={shell.notFound} icon="search">
      <EmptyState icon="search" title={shell.notFoundText} action={<Link to="/portal">{shell.goHome}</Link>} />
    </Blade>
  );
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
