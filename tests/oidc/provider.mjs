// A real provider of OpenID Connect on the loopback address, for tests. It is told by JSON on its first
// argument what client it has: {port, client_id, client_secret, redirect_uri, token_endpoint_auth_method}.
// POST /test/person {sub, claims} adds a person; POST /test/keys makes it sign with another key.
// It prints "ready" when it answers, and ends with its standard input.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${told.port}`;
const people = new Map();

function signingKey(kind) {
  const pair = kind === 'EC' ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
                             : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' };
}

const claimNames = ['preferred_username', 'name', 'email', 'groups', 'realm_access', 'don_vi', 'amr'];

function providerWith(key) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: told.client_id, client_secret: told.client_secret, redirect_uris: told.redirect_uris,
      grant_types: ['authorization_code'], response_types: ['code'],
      token_endpoint_auth_method: told.token_endpoint_auth_method ?? 'client_secret_basic',
      id_token_signed_response_alg: told.alg ?? 'RS256',
    }],
    jwks: { keys: [key, signingKey(key.kty === 'EC' ? 'RSA' : 'EC')] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub', ...claimNames], profile: [], email: [] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
    clientAuthMethods: told.token_endpoint_auth_method ? [told.token_endpoint_auth_method] : undefined,
    pkce: { required: () => true, methods: ['S256'] },
    features: { devInteractions: { enabled: false } },
    ttl: { AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 300 },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  return provider;
}

let provider = providerWith(signingKey(told.alg === 'ES256' ? 'EC' : 'RSA'));
let answers = provider.callback();

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

async function interact(request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!DOCTYPE html><html lang="vi"><title>Đăng nhập chung</title><h1>Đăng nhập chung</h1>
      <form method="post"><label>Tên <input name="login" autofocus></label><button name="do" value="login">Đăng nhập</button>
      <button name="do" value="cancel">Thôi</button></form>`);
    return;
  }
  const form = new URLSearchParams(await bodyOf(request));
  const result = form.get('do') === 'cancel' ? { error: 'access_denied', error_description: '<b>không</b>' }
                                             : { login: { accountId: form.get('login') } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer(async (request, response) => {
  try {
    if (request.url === '/test/person') {
      const person = JSON.parse(await bodyOf(request));
      people.set(person.sub, person.claims);
      response.end('{}');
    } else if (request.url === '/test/keys') {
      provider = providerWith(signingKey(told.alg === 'ES256' ? 'EC' : 'RSA'));
      answers = provider.callback();
      response.end('{}');
    } else if (request.url.startsWith('/interaction/')) {
      await interact(request, response);
    } else {
      answers(request, response);
    }
  } catch (problem) {
    console.error(problem);
    response.statusCode = 500;
    response.end(String(problem));
  }
});
server.listen(told.port, '127.0.0.1', () => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
