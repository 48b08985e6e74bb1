/** `postern ad sp credential reset`. @see https://learn.microsoft.com/graph/api/serviceprincipal-addpassword */
import { getServicePrincipal } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { resetCredential } from "./credential-reset.ts";
import { certificate, credential, servicePrincipalId } from "./options.ts";

export const command = defineCommand({
  options: {
    id: servicePrincipalId,
    append: { kind: "flag", flags: ["--append"], summary: "Keep the secrets there are, beside the new one." },
    displayName: { kind: "text", flags: ["--display-name"], summary: "Friendly name for the secret." },
    ...credential,
    ...certificate,
  },
  examples: [
    {
      summary: "Replace a service principal's secrets by a new one",
      line: "postern ad sp credential reset --id APPID",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const object = await getServicePrincipal(session.graph, args.id);
    return { data: await resetCredential(context, session, { ...args, owner: "servicePrincipals", object }) };
  },
});
