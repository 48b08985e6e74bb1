// Signs in by DefaultAzureCredential alone.
import { DefaultAzureCredential } from "@azure/identity";

try {
  await new DefaultAzureCredential().getToken("https://storage.azure.com/.default");
  console.log("signed in");
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
