/** The whole page: signs in, then shows the frame and in it the page that the address means. */
import { useEffect, useState } from "react";
import { Button } from "../components/button.tsx";
import { EmptyState, ErrorMessage, Loading } from "../components/message.tsx";
import { type Person, signIn, startSession } from "../session/session.ts";
import { shell } from "../texts/shell.ts";
import { beginPage, CurrentPage } from "./current-page.tsx";
import { Notifications } from "./notifications.tsx";
import { PersonContext } from "./person.ts";
import { TopBar } from "./top-bar.tsx";

type SessionState =
  | { readonly kind: "starting" }
  | { readonly kind: "signed-in"; readonly person: Person }
  | { readonly kind: "failed"; readonly error: unknown };

export function Portal() {
  const [session, setSession] = useState<SessionState>({ kind: "starting" });
  useEffect(() => {
    // Beside the sign-in, which takes as long.
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
