// A real OpenID provider for the tests: its forms ask a name and a level of assurance, nothing else.
// PROVIDER, in JSON: { port, client, keys, people }.
import { Provider } from 'oidc-provider';

const said = JSON.parse(process.env.PROVIDER);
const provider = new Provider(`http://127.0.0.1:${said.port}`, {
  clients: [said.client],
  jwks: { keys: said.keys },
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  claims: { openid: ['sub', 'siret'], email: ['email', 'email_verified'], acr: null, auth_time: null },
  cookies: { keys: ['a key for the tests'] },
  clientAuthMethods: ['private_key_jwt'],
  enabledJWA: {
    clientAuthSigningAlgValues: ['ES256'],
    idTokenSigningAlgValues: ['ES256'],
    userinfoSigningAlgValues: ['ES256'],
  },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
  },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...said.people[id] }) }),
});

const form = (uid, prompt) => `<form method="post" action="/interaction/${uid}/${prompt}">`
  + '<input name="login"><input name="acr"><button>Continuer</button></form>';

async function filled(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

async function login(ctx) {
  const answers = await filled(ctx.req);
  if (!answers.get('login')) return { error: 'access_denied', error_description: 'Renoncement' };
  return { login: { accountId: answers.get('login'), acr: answers.get('acr') } };
}

async function consent(details) {
  const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  grant.addOIDCClaims(['acr', 'auth_time', 'siret', 'email', 'email_verified']);
  return { consent: { grantId: await grant.save() } };
}

provider.use(async (ctx, next) => {
  console.log(`${ctx.method} ${ctx.path}`);
  const asked = /^\/interaction\/([\w-]+)(?:\/(login|consent))?$/.exec(ctx.path);
  if (!asked) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.type = 'text/html';
    ctx.body = form(details.uid, details.prompt.name);
    return undefined;
  }
  const result = asked[2] === 'login' ? await login(ctx) : await consent(details);
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
  return undefined;
});

provider.listen(said.port, '127.0.0.1', () => console.log('listening'));
