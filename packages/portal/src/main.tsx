/**
 * The portal: a page that signs a person in and calls Graph, Resource Manager, Blob storage and the insight API as any client does.
 *
 * Owns: starting. session/ has the person and the tokens, api/ the planes, router/ the addresses, components/ what pages are made of, shell/ the
 * frame around them, pages/ one file per page (each loaded when it is first opened), texts/ every word that is shown.
 */
import { createRoot } from "react-dom/client";
import "./components/fluent.ts";
import { Portal } from "./shell/portal.tsx";
import { applyTheme } from "./shell/theme.ts";

applyTheme();
createRoot(document.getElementById("portal")!).render(<Portal />);
