// A provider that people sign in at, for TestPeersOIDC: oidc-provider as it comes,
// with its own pages. node provider.cjs PORT CALLBACK; it says ready.
// Whoever's name begins with a group's is of that group: nurses.marta.
const [port, callback] = process.argv.slice(2);
const home = new URL("/", callback).href;
import("file://" + require.resolve("oidc-provider")).then(({ Provider, default: Same }) => {
  const issuer = `http://localhost:${port}`;
  const provider = new (Provider || Same)(issuer, {
    clients: [{ client_id: "telecare", client_secret: "between-the-two", redirect_uris: [callback], post_logout_redirect_uris: [home] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id.split(".")[1]}@example.org`, email_verified: !id.includes("unverified"), groups: ["everybody", id.split(".")[0]] }),
    }),
  });
  provider.on("server_error", (_, e) => console.error(e));
  provider.listen(port, "127.0.0.1", () => console.log("ready"));
});
process.stdin.on("end", () => process.exit(0)).resume();
