/** What holds for the pages of the directory, of data and of insight: by axe-core in both themes and widths, and with hostile names. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Route } from "playwright-core";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { findAccessibilityFaults, measureSidewaysScroll } from "./support/page-checks.ts";
import {
  account,
  container,
  type Furniture,
  fillContainer,
  furnishCloud,
  placesOf,
} from "./support/portal-furniture.ts";
import { enterPortal, openPlace, portalSkip, settle } from "./support/portal-person.ts";

describe("the portal's pages of directory, data and insight", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let made: Furniture;
  before(async () => {
    cloud = await startTestCloud();
    made = await furnishCloud(cloud);
    await fillContainer(cloud, made);
    browser = await startBrowser(cloud.status);
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  const open = ({ page }: Window, place: string) => openPlace(page, cloud, place);

  for (const widthPx of [1280, 360]) {
    it(`have no serious fault of accessibility, light or dark, and fit ${widthPx} pixels`, async () => {
      const window = await browser.open({ widthPx });
      const { page } = window;
      await enterPortal(page, cloud);
      for (const [name, place] of Object.entries(placesOf(cloud, made))) {
        await open(window, place);
        assert.equal(await page.getByRole("alert").count(), 0, name);
        assert.equal(await measureSidewaysScroll(page), 0, name);
        for (const colorScheme of ["light", "dark"] as const) {
          // Without the moment in which colours pass into each other.
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
          assert.deepEqual(await findAccessibilityFaults(page), [], `${name}, ${colorScheme}`);
        }
      }
      assert.deepEqual(window.takeComplaints(), []);
      await window.close();
    });
  }

  it("have none in their panels", async () => {
    const window = await browser.open();
    const { page } = window;
    const places = placesOf(cloud, made);
    await enterPortal(page, cloud);
    for (const [place, button] of [
      ["users", "New user"],
      ["groups", "New group"],
      ["user", "Reset password"],
      ["managed identities", "Create"],
      ["identity's credentials", "Add credential"],
      ["containers", "Container"],
      ["blobs", "Upload"],
      ["learn", "Select a principal"],
    ] as const) {
      await open(window, places[place]!);
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.getByRole("dialog").waitFor();
      await settle(page);
      assert.deepEqual(await findAccessibilityFaults(page), [], `${place}: ${button}`);
    }
    await open(window, places["access map"]!);
    await page.locator("[data-node]").first().click();
    await page.getByRole("region", { name: "Selected" }).waitFor();
    assert.deepEqual(await findAccessibilityFaults(page), [], "a marked way");
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("read lists of blobs page by page", async () => {
    const window = await browser.open();
    const { page } = window;
    await enterPortal(page, cloud);
    const markers: (string | null)[] = [];
    await page.route(/comp=list/, (route) => {
      const url = new URL(route.request().url());
      markers.push(url.searchParams.get("marker"));
      url.searchParams.set("maxresults", "1");
      return route.continue({ url: url.href });
    });
    await open(window, placesOf(cloud, made).blobs!);
    await page.getByRole("link", { name: "readme.txt" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "2026" }).count(), 1);
    assert.equal(markers[0], null);
    assert.ok(markers.length > 1 && markers.slice(1).every((marker) => marker !== null));
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("show hostile names as the text they are", async () => {
    const window = await browser.open();
    const { page } = window;
    const names = hostileNames();
    await enterPortal(page, cloud);
    await page.route(/\/v1\.0\/(?:users|groups|servicePrincipals)\?/, (route) => serveObjects(route, names));
    await page.route(/\/postern\/access\/diff/, (route) => serveWays(route, names));
    await page.route(/comp=list&delimiter/, (route) => serveBlobs(route, names));
    const places = placesOf(cloud, made);
    for (const place of ["users", "groups", "enterprise applications", "blobs", "access map", "access map's table"]) {
      await open(window, places[place]!);
      const shown = page.locator(place === "access map" ? "svg bdi" : "[role=cell] bdi");
      // A name of marks alone has no width: it is there all the same.
      await shown.first().waitFor({ state: "attached" });
      const texts = await shown.allTextContents();
      for (const name of names)
        assert.ok(
          texts.some((text) => text !== "" && name.startsWith(text)),
          `${place}: ${name.slice(0, 60)}`,
        );
      assert.equal(await page.locator("script:not([src]), img, iframe, [onerror]").count(), 0, place);
      assert.equal(await measureSidewaysScroll(page), 0, place);
    }
    assert.equal(await page.evaluate("globalThis.attacked"), undefined);
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("say what to do where there is nothing", async () => {
    const window = await browser.open();
    const { page } = window;
    await enterPortal(page, cloud);
    const nothing = { json: { value: [], "@odata.count": 0 } };
    await page.route(
      /\/v1\.0\/(?:users|groups|servicePrincipals)(?:\?|\/[^?]*\/(?:members|owners|memberOf))/,
      (route) => route.fulfill(nothing),
    );
    await page.route(/userAssignedIdentities\?/, (route) => route.fulfill(nothing));
    await page.route(/\/postern\/access\/(?:diff|records)/, (route) =>
      route.fulfill({ json: { value: [], access: [], principals: [], isCut: false } }),
    );
    await page.route(/auditLogs/, (route) => route.fulfill(nothing));
    await page.route(new RegExp(`/${account}/(?:${container})?\\?.*comp=list`), (route) =>
      route.fulfill({ contentType: "application/xml", body: "<EnumerationResults><NextMarker/></EnumerationResults>" }),
    );
    const places = placesOf(cloud, made);
    for (const [place, wanted] of [
      ["users", "There are no users yet"],
      ["groups", "There are no groups yet"],
      ["members", "The group has no members"],
      ["enterprise applications", "There are no enterprise applications yet"],
      ["managed identities", "There are no managed identities yet"],
      ["containers", "There are no containers yet"],
      ["blobs", "There is nothing here yet"],
      ["activity", "Nothing has happened yet"],
      ["access map", "Nobody has access here"],
      ["learn", "Choose the app that is to be learned from"],
    ] as const) {
      await open(window, places[place]!);
      await page.getByRole("heading", { name: wanted }).waitFor();
      assert.notEqual(await page.locator(".empty p").innerText(), "", place);
    }
    await window.close();
  });
});

function hostileNames(): string[] {
  return [
    "<script>globalThis.attacked = 1</script>",
    `"><img src=x onerror="globalThis.attacked = 2">`,
    "\u202Etxt.exe\u202C \u2066abc\u2069 \u200F",
    "</title></bdi></div></svg>",
    "a".repeat(10_000),
    "\u0301".repeat(10_000),
    "👩‍👩‍👧‍👦".repeat(500),
  ];
}

const idOf = (index: number) => `00000000-0000-4000-8000-00000000000${index}`;

function serveObjects(route: Route, names: readonly string[]): Promise<void> {
  const value = names.map((displayName, index) => ({
    id: idOf(index),
    appId: idOf(index),
    displayName,
    description: displayName,
    userPrincipalName: displayName,
    jobTitle: displayName,
    servicePrincipalType: "Application",
    accountEnabled: true,
    createdDateTime: "2026-01-01T00:00:00Z",
  }));
  return route.fulfill({ json: { value, "@odata.count": value.length } });
}

function serveWays(route: Route, names: readonly string[]): Promise<void> {
  const access = names.map((roleName, index) => ({
    change: "gained",
    principalId: idOf(index),
    assignmentId: `assignment-${index}`,
    roleDefinitionId: idOf(index),
    roleName,
    scope: "/",
    condition: null,
    holderId: idOf(index),
    via: [],
  }));
  const principals = names.map((displayName, index) => ({ id: idOf(index), type: "User", displayName, appId: null }));
  return route.fulfill({ json: { access, principals, isCut: false } });
}

/** Names come percent-encoded where XML could not hold them. */
function serveBlobs(route: Route, names: readonly string[]): Promise<void> {
  const blobs = names.map(
    (name) => `<Blob><Name Encoded="true">${encodeURIComponent(name.replaceAll("/", "-"))}</Name></Blob>`,
  );
  const slashed = names.filter((name) => name.includes("/"));
  const folders = slashed.map(
    (name) => `<BlobPrefix><Name Encoded="true">${encodeURIComponent(`${name}/`)}</Name></BlobPrefix>`,
  );
  const body = `<?xml version="1.0"?><EnumerationResults><Blobs>${folders.join("")}${blobs.join("")}</Blobs><NextMarker/></EnumerationResults>`;
  return route.fulfill({ contentType: "application/xml", body });
}
