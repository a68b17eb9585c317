// @node-oauth/oauth2-server over a model in memory: OAuth 2.0 as of 2012, without metadata. It does not form-decode the
// credentials in Basic (RFC 6749 §2.3.1), as many do not.
//   /authorize          alice, whose password is wonderland
//   POST /token         a refresh token is replaced at each use;  /token-kept: it is not
//   GET  /resource      whose token it is, and what it may do; the scope that it must have is in the query
import OAuth2Server from '@node-oauth/oauth2-server';
import { answer, listen, ready } from './rig.mjs';

const { Request, Response } = OAuth2Server;
const grants = ['authorization_code', 'refresh_token', 'client_credentials', 'password'];
const redirectUris = ['https://client.example/callback'];
const clients = {
  plain: { id: 'plain', secret: 's3cret', grants, redirectUris },
  // Neither is what it was once it is form-encoded.
  odd: { id: 'odd', secret: 's%20x+y', grants, redirectUris },
  public: { id: 'public', secret: null, grants: ['authorization_code', 'refresh_token'], redirectUris },
};
const users = { alice: { id: 'alice' } };
const login = (username, password) => (password === 'wonderland' ? users[username] : undefined);
const codes = new Map(), accessTokens = new Map(), refreshTokens = new Map();

const model = {
  getClient: (id, secret) => {
    const client = clients[id];
    return client && (secret === null || client.secret === null || client.secret === secret) ? client : undefined;
  },
  getUser: login,
  getUserFromClient: (client) => ({ id: client.id }),
  validateScope: (user, client, scope) => {
    const known = (scope ?? ['read']).filter((one) => ['read', 'write'].includes(one));
    return known.length > 0 && known;
  },
  saveAuthorizationCode: (code, client, user) => {
    codes.set(code.authorizationCode, { ...code, client, user });
    return codes.get(code.authorizationCode);
  },
  getAuthorizationCode: (code) => codes.get(code),
  revokeAuthorizationCode: (code) => codes.delete(code.authorizationCode),
  saveToken: (token, client, user) => {
    const saved = { ...token, client, user };
    accessTokens.set(saved.accessToken, saved);
    if (saved.refreshToken) refreshTokens.set(saved.refreshToken, saved);
    return saved;
  },
  getAccessToken: (token) => accessTokens.get(token),
  getRefreshToken: (token) => refreshTokens.get(token),
  revokeToken: (token) => refreshTokens.delete(token.refreshToken),
  verifyScope: (token, scope) => scope.every((one) => token.scope.includes(one)),
};
const oauth = new OAuth2Server({ model });

async function handle(path, query, request, response) {
  switch (path) {
    case '/authorize':
      await oauth.authorize(request, response, {
        authenticateHandler: { handle: ({ body }) => login(body.username, body.password) } });
      return undefined;
    case '/token':
    case '/token-kept':
      await oauth.token(request, response, { alwaysIssueNewRefreshToken: path === '/token' });
      return response.body;
    case '/resource': {
      const token = await oauth.authenticate(request, response, { scope: query.get('scope')?.split(' ') ?? [] });
      return { user: token.user.id, scope: token.scope };
    }
    default:
      throw Object.assign(new Error('there is nothing here'), { code: 404 });
  }
}

const PAGE = `<form method="post"><input name="username"><input name="password"><input name="allowed"></form>`;

const front = await listen();
front.handle(async (incoming, outgoing) => {
  const { pathname, searchParams } = new URL(incoming.url, front.url);
  if (incoming.method === 'GET' && pathname === '/authorize') {
    return outgoing.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  }
  const chunks = await incoming.toArray();
  const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const form = new URLSearchParams(isForm ? Buffer.concat(chunks).toString() : '');
  const request = new Request({ method: incoming.method, headers: incoming.headers,
    query: Object.fromEntries(searchParams), body: Object.fromEntries(form) });
  const response = new Response();
  try {
    const body = await handle(pathname, searchParams, request, response);
    return answer(outgoing, response.status, body, response.headers);
  } catch (error) {
    // A refusal for the client is a redirect by now; any other is in the answer's body.
    const body = response.body?.error ? response.body : { error: error.name, error_description: error.message };
    return answer(outgoing, response.get('location') ? response.status : error.code ?? 500, body, response.headers);
  }
});
ready({ url: front.url });
