// The certified OpenID provider `oidc-provider` with a small book of accounts, for tests: `node provider.mjs PORT ISSUER CLIENTS KEY CERT`.
// CLIENTS: JSON, a list of clients' metadata. With KEY and CERT (PEM files) it speaks HTTPS.
// Beside the provider's own addresses, for the test alone:
//   PUT  /test/accounts/NAME   what the account's claims are, with `password` and `amr`
//   PUT  /test/next-token      claims that replace those of the next id_token, signed again by the provider's own key;
//                              with `"forged": true` by a key that is not the provider's
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { generateKeyPair, exportJWK, importJWK, decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { Provider } from "oidc-provider";

const [port, issuer, clients, keyFile, certFile] = process.argv.slice(2);
const accounts = new Map();
let next;

async function newKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: crypto.randomUUID() };
}

const own = await newKey();
const provider = new Provider(issuer, {
  clients: JSON.parse(clients),
  jwks: { keys: [own] },
  cookies: { keys: [crypto.randomUUID()] },
  pkce: { required: () => true },
  claims: { openid: ["sub", "amr", "acr"], profile: ["name", "preferred_username"], groups: ["groups", "realm_access"] },
  features: { devInteractions: { enabled: false } },
  conformIdTokenClaims: true, // claims of scopes stand in the userinfo, as the standard says
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_, name) {
    const account = accounts.get(name);
    return account && { accountId: name, claims: async () => ({ sub: account.sub ?? name, ...account.claims }) };
  },
  // The client is the platform's own: nobody is asked whether it may know the name.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(" "));
    await grant.save();
    return grant;
  },
});

async function textOf(ctx) {
  const pieces = [];
  for await (const piece of ctx.req) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const page = (uid, wrong) => `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>市局统一身份</title>
<h1>市局统一身份</h1>${wrong ? "<p>用户名或口令不正确</p>" : ""}<form method="post" action="/interaction/${uid}">
<input name="name" aria-label="用户名"><input name="password" type="password" aria-label="口令"><button>登录</button></form></html>`;

provider.use(async (ctx, following) => {
  const [, place, what] = ctx.path.split("/");
  if (place === "test") {
    const given = JSON.parse(await textOf(ctx));
    if (what === "accounts") accounts.set(ctx.path.split("/")[3], given);
    else next = given;
    ctx.status = 204;
  } else if (place === "interaction") {
    const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
    const form = new URLSearchParams(ctx.method === "POST" ? await textOf(ctx) : "");
    const account = accounts.get(form.get("name"));
    if (ctx.method === "POST" && form.get("name") === "nobody") {
      await provider.interactionFinished(ctx.req, ctx.res, { error: "access_denied", error_description: "<b>call 10086</b>" });
      ctx.respond = false;
    } else if (account !== undefined && account.password === form.get("password")) {
      await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: form.get("name"), amr: account.amr, acr: account.acr } });
      ctx.respond = false;
    } else {
      ctx.type = "html";
      ctx.body = page(uid, ctx.method === "POST");
    }
  } else {
    await following();
    if (ctx.path === "/token" && next !== undefined && ctx.body?.id_token) {
      const { forged, ...claims } = next;
      next = undefined;
      const key = await importJWK(forged ? await newKey() : own, "RS256");
      const header = decodeProtectedHeader(ctx.body.id_token);
      ctx.body.id_token = await new SignJWT({ ...decodeJwt(ctx.body.id_token), ...claims }).setProtectedHeader(header).sign(key);
    }
  }
});

const server = keyFile === undefined ? http.createServer(provider.callback()) : https.createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, provider.callback());
server.listen(Number(port), "127.0.0.1", () => console.log("listening"));
