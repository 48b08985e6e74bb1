// persistent.mjs LIBRARY CACHE: gets a token by a secret (GIVEN in the environment) with the persistent cache on; prints the token or the error.
const [library, cache] = process.argv.slice(2);
const { ClientSecretCredential, useIdentityPlugin } = await import(library);
const { cachePersistencePlugin } = await import(cache);
const { authorityHost, secret = "s3cret-value", allowsPlain = false, claims } = JSON.parse(process.env.GIVEN);

useIdentityPlugin(cachePersistencePlugin);
const credential = new ClientSecretCredential("t1", "app", secret, {
  authorityHost,
  tokenCachePersistenceOptions: { enabled: true, name: "test", unsafeAllowUnencryptedStorage: allowsPlain },
});
try {
  const { token } = await credential.getToken("https://storage.azure.com/.default", claims ? { claims } : {});
  console.log(JSON.stringify({ token }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
