/** `postern ad app credential reset`. @see https://learn.microsoft.com/graph/api/application-addpassword */
import { getApplication } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { resetCredential } from "./credential-reset.ts";
import { applicationId, certificate, credential } from "./options.ts";

export const command = defineCommand({
  options: {
    id: applicationId,
    append: { kind: "flag", flags: ["--append"], summary: "Keep the secrets there are, beside the new one." },
    displayName: { kind: "text", flags: ["--display-name"], summary: "Friendly name for the secret." },
    ...credential,
    ...certificate,
  },
  examples: [
    { summary: "Replace an app's secrets by a new one", line: "postern ad app credential reset --id APPID" },
    {
      summary: "Add one that overlaps with them",
      line: "postern ad app credential reset --id APPID --append --years 2",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const object = await getApplication(session.graph, args.id);
    return { data: await resetCredential(context, session, { ...args, owner: "applications", object }) };
  },
});
